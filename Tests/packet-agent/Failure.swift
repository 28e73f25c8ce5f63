import Glibc
import PacketLab

/// A call that failed, by the name of its errno.
struct Failure: Error {
    var name: ErrnoName
    var text: String?

    init(_ name: ErrnoName, _ text: String? = nil) {
        self.name = name
        self.text = text
    }

    /// The current errno.
    static var last: Failure { Failure(ErrnoName(errno: errno)) }
}

/// Passes a call's result on, unless it is negative.
@discardableResult
func check<R: BinaryInteger>(_ result: R) throws(Failure) -> R {
    guard result >= 0 else { throw .last }
    return result
}

extension Response {
    init(_ failure: Failure) {
        self.init(failure.name)
        text = failure.text
    }
}
