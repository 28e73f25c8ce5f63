import LinuxBase
import SystemPackage

/// Starts a detached thread that runs the body and ends.
public func startThread(_ body: @escaping @Sendable () -> Void) {
    do throws(Errno) {
        try BackgroundThread.start("lab", body)
    } catch {
        preconditionFailure("pthread_create: \(ErrnoName(errno: error.rawValue))")
    }
}
