import Glibc

/// What can go wrong. Each raw value is what reports call it.
enum Fault: String, CaseIterable {
    case killed = "agent killed"
    case killedStarting = "agent killed at a system call of its start"
    case killedChanging = "agent killed at a system call of a change"
    case refusedStarting = "system call refused to an agent that starts"
    case refusedChanging = "system call refused to an agent at work"
    case restarted = "agent stopped and started"
    case crowd = "hundreds of pods come and go"
    case flapping = "policies flapping"
    case revoked = "a permission revoked"
    case fullMaps = "maps full"
    case littleMemory = "little memory for the agent"
    case detached = "links detached"
    case unpinned = "pins deleted"
    case wallClock = "wall clock set"
    case otherClock = "agent with another monotonic clock"
    case fullDisk = "disk full"
    case storm = "storm of events"
    case otherLayout = "to another layout number and back"
    case otherBuild = "to another build and back"

    /// Those that can be made here.
    static var possible: [Fault] {
        allCases.filter { $0 != .otherBuild || predecessor != nil }
    }

    /// The agent of another revision: `make faults UPGRADE_FROM=REVISION` builds it.
    static let predecessor = getenv("FAULTS_PREDECESSOR").map { String(cString: $0) }
        .flatMap { $0.isEmpty ? nil : $0 }
}
