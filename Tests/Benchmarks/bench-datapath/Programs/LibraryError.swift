import Glibc

/// What libbpf, the kernel or the compiler refused.
struct LibraryError: Error, CustomStringConvertible {
    let description: String

    init(_ what: String, code: Int32) {
        description = "\(what): \(String(cString: strerror(abs(code))))"
    }

    init(_ what: String) {
        description = what
    }

    /// Throws if libbpf's return value is a negative errno.
    @discardableResult
    static func check(_ result: Int32, _ what: @autoclosure () -> String) throws -> Int32 {
        if result < 0 { throw LibraryError(what(), code: result) }
        return result
    }
}
