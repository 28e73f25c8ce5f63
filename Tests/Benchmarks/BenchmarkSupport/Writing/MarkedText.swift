/// A page of which parts are generated: each between `<!-- begin NAME -->` and `<!-- end NAME -->`.
public struct MarkedText {
    public private(set) var text: String

    public init(_ text: String) { self.text = text }

    public struct MissingMarker: Error, CustomStringConvertible {
        public var description: String
    }

    /// Puts something else between the marks; the marks stay.
    ///
    /// - Throws: `MissingMarker` if one of them is not there, or they stand in the wrong order.
    public mutating func replace(_ name: String, with part: String) throws(MissingMarker) {
        let (begin, end) = ("<!-- begin \(name) -->", "<!-- end \(name) -->")
        guard let first = text.firstRange(of: begin), let last = text[first.upperBound...].firstRange(of: end) else {
            throw MissingMarker(description: "the page lacks \(begin) or, after it, \(end)")
        }
        text.replaceSubrange(first.upperBound..<last.lowerBound, with: "\n\(part)\n")
    }
}
