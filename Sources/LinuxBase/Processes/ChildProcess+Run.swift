import Glibc
import SystemPackage

extension ChildProcess {
    public struct Ended: Sendable {
        /// Its exit status; 128 and the signal's number if a signal ended it.
        public var status: Int32
        public var out: [UInt8]
        public var err: [UInt8]
    }

    public struct Failure: Error {
        /// There is no such program.
        public var isMissing = false
        /// Goes on after the program's name.
        public var message: String

        init(_ message: String) { self.message = message }

        fileprivate init(_ errno: Errno) {
            isMissing = errno == .noSuchFileOrDirectory
            message = "cannot be run: \(String(cString: strerror(errno.rawValue)))"
        }
    }

    /// Runs a program to its end, with nothing to read.
    ///
    /// - Parameter environment: nil for this process's own.
    /// - Parameter limit: of what it may print, in bytes; what is beyond is lost.
    /// - Throws: if it cannot be started, or still runs after the deadline; it
    ///   is then killed with all that it started.
    public static func run(
        _ program: String, _ arguments: [String], environment: [String: String]? = nil, deadline: Duration,
        limit: Int
    ) throws(Failure) -> Ended {
        var out = try ChildOutput(limit: limit)
        var err = try ChildOutput(limit: limit)
        var options = Options()
        options.environment = environment
        options.input = .nothing
        options.output = .descriptor(out.pipe.writeEnd)
        options.error = .descriptor(err.pipe.writeEnd)
        options.hasOwnGroup = true
        let process: ChildProcess
        do { process = try start(program, arguments, options) } catch { throw Failure(error) }
        out.pipe.closeWriteEnd()
        err.pipe.closeWriteEnd()
        if let status = process.wait(deadline, reading: &out, &err) {
            return Ended(status: status, out: out.bytes, err: err.bytes)
        }
        process.killGroup()
        process.wait()
        let said = String(decoding: err.bytes.prefix(2000), as: UTF8.self)
        throw Failure("has not ended within \(deadline)" + (said.isEmpty ? "" : "; it said: \(said)"))
    }

    /// - Returns: the exit status; nil if the deadline passed.
    private func wait(_ deadline: Duration, reading out: inout ChildOutput, _ err: inout ChildOutput) -> Int32? {
        let end = ContinuousClock.now + deadline
        while true {
            // Asked before reading: what an ended program wrote is all there.
            // Its own children may keep the pipes open, so their end says nothing.
            let status = poll()
            out.readAvailable()
            err.readAvailable()
            if let status { return status }
            guard ContinuousClock.now < end else { return nil }
            usleep(10_000)
        }
    }
}

/// A pipe whose other end is a child's output.
private struct ChildOutput: ~Copyable {
    var pipe: Pipe
    private let limit: Int
    private(set) var bytes: [UInt8] = []

    init(limit: Int) throws(ChildProcess.Failure) {
        do { pipe = try Pipe() } catch { throw ChildProcess.Failure(error) }
        self.limit = limit
        // Only the end that is here: the child's writes are to wait for room.
        _ = fcntl(pipe.readEnd.raw, F_SETFL, O_NONBLOCK)
    }

    mutating func readAvailable() {
        var chunk = [UInt8](repeating: 0, count: 1 << 14)
        while case let count = read(pipe.readEnd.raw, &chunk, chunk.count), count > 0 {
            bytes += chunk[..<min(count, limit - bytes.count)]
        }
    }
}
