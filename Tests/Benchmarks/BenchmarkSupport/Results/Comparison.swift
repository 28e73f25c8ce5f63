/// A few candidates that took turns of a fraction of a second, again and again: what slows the machine for a while
/// slows them all.
///
/// A block is one turn of each. Figures of one block make pairs; those of two blocks say nothing of each other.
public struct Comparison: Codable, Sendable {
    public struct Side: Codable, Sendable {
        public var design: Design
        /// Nil for a design without a list.
        public var prefixes: Int?
        /// A figure a block, in the order in which they were taken: as many for each side.
        public var figures: [Measure: [Double]] = [:]

        public init(_ design: Design, prefixes: Int? = nil) {
            self.design = design
            self.prefixes = prefixes
        }
    }

    public var sides: [Side]

    public init(_ sides: [Side]) { self.sides = sides }

    /// - Parameter block: what each side came to, in the order of `sides`.
    public mutating func add(_ block: [[Measure: Double]]) {
        for (index, figures) in block.enumerated() {
            for (measure, figure) in figures { sides[index].figures[measure, default: []].append(figure) }
        }
    }

    /// A figure a block; nil where the side or the measure is not there.
    public func figures(_ measure: Measure, _ design: Design, _ prefixes: Int? = nil) -> [Double]? {
        sides.first { $0.design == design && (prefixes == nil || $0.prefixes == prefixes) }?.figures[measure]
    }
}
