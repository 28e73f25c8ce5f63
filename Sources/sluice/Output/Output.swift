import ArgumentParser
import Glibc
import SystemPackage

/// Standard output in whole pieces, of a command that goes on for long.
struct Output {
    /// Whether a person looks at it.
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether text may be coloured: on a terminal, unless NO_COLOR says otherwise
    /// (https://no-color.org).
    static var isColoured: Bool {
        guard isTerminal, getenv("TERM").map({ String(cString: $0) }) != "dumb" else { return false }
        return (getenv("NO_COLOR").map { String(cString: $0) } ?? "").isEmpty
    }

    private var pending: [UInt8] = []

    mutating func add(_ line: String) {
        pending += line.utf8
        pending.append(UInt8(ascii: "\n"))
    }

    /// - Throws: a clean exit if nobody reads any more.
    mutating func flush() throws {
        defer { pending.removeAll(keepingCapacity: true) }
        guard !pending.isEmpty else { return }
        do {
            _ = try FileDescriptor.standardOutput.writeAll(pending)
        } catch Errno.brokenPipe {
            throw ExitCode.success
        } catch {
            throw Failure.failed("standard output cannot be written: \(error)")
        }
    }
}
