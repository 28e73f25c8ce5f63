import Glibc
public import SystemPackage

/// Calls a C function again as long as a signal interrupts it (`EINTR`).
///
/// - Parameter call: returns a negative number and leaves its reason in `errno` if it fails.
/// - Returns: what the call returned, never negative.
@discardableResult
public func retryingInterrupts<Result: SignedInteger>(_ call: () -> Result) throws(Errno) -> Result {
    while true {
        let result = call()
        if result >= 0 { return result }
        guard errno == EINTR else { throw Errno(rawValue: errno) }
    }
}
