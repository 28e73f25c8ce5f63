import Glibc

/// Why the lab could not be set up, driven or read.
public struct LabError: Error, CustomStringConvertible {
    public var action: String
    public var reason: String

    public init(_ action: String, _ reason: String) {
        self.action = action
        self.reason = reason
    }

    /// With the current errno.
    public init(_ action: String) {
        self.init(action, errno: errno)
    }

    public init(_ action: String, errno number: Int32) {
        self.init(action, "\(ErrnoName(errno: number))")
    }

    public var description: String { "\(action): \(reason)" }
}
