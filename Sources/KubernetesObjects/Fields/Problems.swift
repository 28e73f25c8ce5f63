package import PolicyModel

/// Collects what is wrong with one object while it is read.
package final class Problems {
    private let origin: String
    /// The object as far as it could be named.
    package var object = ""
    package private(set) var diagnostics: [Diagnostic] = []
    /// Grows with each error, so that a reader of a part can tell whether the
    /// part was understood.
    package private(set) var errorCount = 0

    /// See `ObjectDecoder`.
    let refusesUnknownFields: Bool

    package init(origin: String, refusesUnknownFields: Bool = false) {
        self.origin = origin
        self.refusesUnknownFields = refusesUnknownFields
    }

    package func report(_ severity: Diagnostic.Severity, field: String, line: Int, _ message: String) {
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
