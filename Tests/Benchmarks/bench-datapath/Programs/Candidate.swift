/// Something to measure: attached alone, for one round, at the same cgroup as all others.
protocol Candidate: AnyObject {
    var name: String { get }
    /// Attaches itself, and gives the clocks of the programs that matter by their names.
    func attach(to cgroup: String) throws -> [String: ProgramClock]
    func detach() throws
}

/// The program that judges packets, whoever wrote it.
let egressClock = "egress"
