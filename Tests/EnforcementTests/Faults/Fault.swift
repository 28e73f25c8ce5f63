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

    /// Those that can be made here, and are wanted.
    static let possible = allCases.filter {
        ($0 != .otherBuild || predecessor != nil) && (wanted == nil || wanted == "\($0)")
    }

    /// The agent of another revision: `make faults UPGRADE_FROM=REVISION` builds it.
    static let predecessor = setting("FAULTS_PREDECESSOR")
    /// The one case to make: `make faults FAULTS_ONLY=otherBuild`.
    private static let wanted = setting("FAULTS_ONLY")

    private static func setting(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
