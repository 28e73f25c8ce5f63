import Glibc

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
    public let process: Int32
    private let errPath: String

    public init(
        _ path: String, _ arguments: [String], input: String = "/dev/null", out: String = "/dev/null",
        err: String
    ) throws {
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, err, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // Signals do to it what they do at a terminal, though tests may run where they
        // are ignored, and on threads that block them.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var heeded = sigset_t()
        sigemptyset(&heeded)
        for number in [SIGINT, SIGQUIT, SIGTERM] { sigaddset(&heeded, number) }
        posix_spawnattr_setsigdefault(&attributes, &heeded)
        var blocked = sigset_t()
        sigemptyset(&blocked)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var process = pid_t()
        let result = posix_spawn(&process, path, &actions, &attributes, words, environ)
        guard result == 0 else { throw Unexpected("\(path) cannot be run: \(String(cString: strerror(result)))") }
        self.process = process
        errPath = err
    }

    /// What it has said on standard error so far.
    public var log: String { TemporaryDirectory.text(errPath) }

    public func signal(_ number: Int32) { kill(process, number) }

    /// - Returns: the exit status, 128 and more if a signal ended it.
    /// - Throws: if it still runs after that many seconds.
    public func ended(within seconds: Int) async throws -> Int32 {
        for _ in 0..<(seconds * 200) {
            if let status = poll() { return status }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw Unexpected("process \(process) still runs after \(seconds) s; it said:\n\(log)")
    }

    /// Kills it and waits, if it still runs.
    public func end() {
        signal(SIGKILL)
        var status: Int32 = 0
        waitpid(process, &status, 0)
    }

    private func poll() -> Int32? {
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) == process else { return nil }
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f)
    }
}

/// Something that keeps a test from going on.
public struct Unexpected: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// Waits until something is so.
///
/// - Throws: if it is not after twenty seconds or more.
public func eventually(
    _ what: String, describing state: () -> String = { "" }, _ isSo: () async throws -> Bool
) async throws {
    for _ in 0..<400 {
        if try await isSo() { return }
        try await Task.sleep(for: .milliseconds(50))
    }
    throw Unexpected("waited in vain until \(what)\n\(state())")
}
