import PolicyModel

/// Collects what is wrong with one object while it is read.
final class Problems {
    private let origin: String
    /// The object as far as it could be named.
    var object = ""
    private(set) var diagnostics: [Diagnostic] = []
    /// Grows with each error, so that a reader of a part can tell whether the
    /// part was understood.
    private(set) var errorCount = 0

    init(origin: String) {
        self.origin = origin
    }

    func report(_ severity: Diagnostic.Severity, field: String, line: Int, _ message: String) {
        let place = line > 0 ? "\(origin):\(line)" : origin
        let diagnostic = Diagnostic(
            severity, origin: origin.isEmpty ? "" : place, object: object, field: field, message)
        if severity == .error { errorCount += 1 }
        // A field that is read twice is told of once.
        if !diagnostics.contains(where: { $0.field == field && $0.message == message }) {
            diagnostics.append(diagnostic)
        }
    }
}
