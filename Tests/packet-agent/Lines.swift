import FoundationEssentials
import Glibc

/// Lines of standard input and output.
struct Lines {
    private var pending: [UInt8] = []
    private var scanned = 0

    /// - Returns: nil at the end.
    mutating func next() -> Data? {
        while true {
            if let end = pending[scanned...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Data(pending[..<end])
                pending.removeSubrange(...end)
                scanned = 0
                return line
            }
            scanned = pending.count
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = read(0, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return nil }
            pending += buffer[..<count]
        }
    }

    /// - Returns: false when nobody reads any more.
    static func write(_ data: Data) -> Bool {
        var rest = (Array(data) + [UInt8(ascii: "\n")])[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
