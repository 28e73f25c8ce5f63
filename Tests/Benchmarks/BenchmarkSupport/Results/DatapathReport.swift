/// What packets cost under each design, side by side.
public struct DatapathReport: Codable, Sendable {
    /// A design with a list of so many CIDRs.
    public struct Candidate: Codable, Sendable {
        public var design: Design
        /// Nil for a design without a list.
        public var prefixes: Int?
        public var loading: Loading?
        /// What a connect to a denied address met within the probe's patience, for instance `EPERM`; nil
        /// where nothing is denied.
        public var denial: String?
        public var figures: [Measure: Spread] = [:]

        public init(design: Design, prefixes: Int? = nil) {
            self.design = design
            self.prefixes = prefixes
        }

        /// For people.
        public var title: String { prefixes.map { "\(design.title), \(grouped($0)) CIDRs" } ?? design.title }
    }

    /// How long a list took to be in force.
    public struct Loading: Codable, Sendable {
        /// Seconds from policies to tables; nil where the list is given as it is.
        public var compile: Double?
        /// Seconds until the kernel has it.
        public var apply: Double

        public init(compile: Double? = nil, apply: Double) {
            self.compile = compile
            self.apply = apply
        }
    }

    public var machine = Machine.processors
    public var kernel = Machine.kernel
    /// How often everything was measured.
    public var rounds: Int
    /// How long each of the tools sent, in seconds.
    public var seconds: Int
    /// The first line of what each tool says of its version.
    public var tools: [String: String]
    public var candidates: [Candidate]
    /// What ratios are made of.
    public var comparisons: [Comparison]

    public init(
        rounds: Int, seconds: Int, tools: [String: String], candidates: [Candidate], comparisons: [Comparison]
    ) {
        self.rounds = rounds
        self.seconds = seconds
        self.tools = tools
        self.candidates = candidates
        self.comparisons = comparisons
    }

    /// The lengths of the lists, ascending.
    public var sizes: [Int] { Set(candidates.compactMap(\.prefixes)).sorted() }

    /// - Parameter prefixes: ignored for designs without a list.
    public subscript(design: Design, prefixes: Int?) -> Candidate? {
        candidates.first { $0.design == design && $0.prefixes == (design.enforces ? prefixes : nil) }
    }
}
