import Glibc
import LinuxBase
import SystemPackage

/// The programs of this build, run as a user runs them.
public enum Programs {
    /// Built programs lie beside the test bundle.
    public static func path(_ name: String) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let bundle = String(decoding: buffer.prefix(max(0, length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return bundle.split(separator: "/", omittingEmptySubsequences: false).dropLast()
            .joined(separator: "/") + "/" + name
    }

    /// How a program ended.
    public struct Ended: Sendable {
        /// Its exit status; 128 and the signal's number if a signal ended it.
        public var status: Int32
        public var out: String
        public var err: String
    }

    /// Runs a program to its end.
    ///
    /// - Parameter path: a path, or the name of a program of this build.
    public static func run(
        _ path: String, _ arguments: [String], input: String = ""
    ) async throws -> Ended {
        let directory = try TemporaryDirectory()
        try directory.write("in", input)
        let process = try RunningProgram(
            path.contains("/") ? path : Self.path(path), arguments, input: directory.path("in"),
            out: directory.path("out"), err: directory.path("err"))
        let status = try await process.ended(within: 60)
        return Ended(status: status, out: directory.read("out"), err: directory.read("err"))
    }
}

/// A program that runs beside the test.
public final class RunningProgram: Sendable {
    private let child: ChildProcess
    private let errPath: String

    public init(
        _ path: String, _ arguments: [String], input: String = "/dev/null", out: String = "/dev/null",
        err: String
    ) throws {
        var options = ChildProcess.Options()
        options.input = .file(input, flags: O_RDONLY)
        options.output = .file(out, flags: O_WRONLY | O_CREAT | O_TRUNC)
        options.error = .file(err, flags: O_WRONLY | O_CREAT | O_TRUNC)
        // They do to it what they do at a terminal, though tests may run where they are ignored.
        options.defaultSignals = [SIGINT, SIGQUIT, SIGTERM]
        do {
            child = try ChildProcess.start(path, arguments, options)
        } catch {
            throw Unexpected("\(path) cannot be run: \(String(cString: strerror(error.rawValue)))")
        }
        errPath = err
    }

    public var process: Int32 { child.id }

    /// What it has said on standard error so far.
    public var log: String { TemporaryDirectory.text(errPath) }

    public func signal(_ number: Int32) { child.signal(number) }

    /// - Returns: the exit status, 128 and more if a signal ended it.
    /// - Throws: if it still runs after that many seconds.
    public func ended(within seconds: Int) async throws -> Int32 {
        for _ in 0..<(seconds * 200) {
            if let status = child.poll() { return status }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw Unexpected("process \(process) still runs after \(seconds) s; it said:\n\(log)")
    }

    /// Kills it and waits, if it still runs.
    public func end() {
        signal(SIGKILL)
        child.wait()
    }
}
