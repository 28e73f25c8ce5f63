import BenchmarkSupport

/// Something to measure: in force alone, for its turn of a round, at the same pod as all others.
protocol Candidate: AnyObject {
    var design: Design { get }
    /// How many CIDRs of `PrefixList` it allows; nil where it allows everything.
    var prefixes: Int? { get }
    var loading: DatapathReport.Loading? { get }
    /// Its eBPF programs.
    var clocks: [ProgramRole: ProgramClock] { get }

    func attach() throws
    func detach() throws
    /// Loads its programs again, to another place in memory, while it is not attached; its list stays.
    func reload() throws
    /// Whether denied calls fail at once, where it has a choice; they do to begin with.
    func setFailFast(_ isOn: Bool) throws
    /// How many resolvers' answers it has read; nil if it reads none.
    var answersRead: UInt64? { get throws }
}

extension Candidate {
    var prefixes: Int? { nil }
    var loading: DatapathReport.Loading? { nil }
    var clocks: [ProgramRole: ProgramClock] { [:] }
    func reload() {}
    func setFailFast(_ isOn: Bool) {}
    var answersRead: UInt64? { nil }

    var title: String { DatapathReport.Candidate(design: design, prefixes: prefixes).title }

    /// Attaches it for as long as the body takes.
    func inForce<Result>(_ body: () throws -> Result) throws -> Result {
        try attach()
        let result = Swift.Result { try body() }
        do { try detach() } catch { _ = try result.get(); throw error }
        return try result.get()
    }
}

/// What a program is there for, whoever wrote it.
enum ProgramRole {
    /// Judges packets that leave.
    case egress
    case ingress
    /// Refuses `connect(2)`.
    case connect
}

/// Packets pass as if nobody had thought of it.
final class NoEnforcement: Candidate {
    let design = Design.none
    func attach() {}
    func detach() {}
}
