public import Glibc
public import SystemPackage

/// A program that this process started. Waiting for it waits in the kernel: not for a cooperative thread.
///
/// swift-subprocess (1.0.2) does not serve here: it collects output until the streams end, which a
/// grandchild may hold open past the deadline, and output beyond the limit makes its run fail.
public struct ChildProcess: Hashable, Sendable {
    public let id: pid_t

    /// Where one of the three standard streams leads.
    public enum Stream: Sendable {
        /// Where this process's own leads.
        case inherited
        case descriptor(Int32)
        /// C: the `O_*` constants; a new file is its owner's alone (0600).
        case file(String, flags: Int32)

        public static let nothing = Stream.file("/dev/null", flags: O_RDWR)
    }

    /// How a program is started.
    public struct Options: Sendable {
        /// Nil for this process's own.
        public var environment: [String: String]?
        public var input = Stream.inherited
        public var output = Stream.inherited
        public var error = Stream.inherited
        /// Whether it gets a process group of its own, so that it and all that it starts can be killed as one.
        public var hasOwnGroup = false
        /// The signals that do to it what they do by default, though this process may ignore them.
        public var defaultSignals: [Int32] = []

        public init() {}
    }

    /// Starts a program, with no signal blocked, though this thread may block some. C: `posix_spawnp(3)`.
    ///
    /// - Parameter program: a path, or a name that is looked for in `PATH`.
    /// - Parameter arguments: without the program's name.
    public static func start(
        _ program: String, _ arguments: [String], _ options: Options = Options()
    ) throws(Errno) -> ChildProcess {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, stream) in [options.input, options.output, options.error].enumerated() {
            switch stream {
            case .inherited: break
            case .descriptor(let source): posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
            case .file(let path, let flags):
                posix_spawn_file_actions_addopen(&actions, Int32(target), path, flags, 0o600)
            }
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        set(&attributes, options)
        var process = pid_t()
        let variables = options.environment.map { $0.map { "\($0)=\($1)" } }
        let code = withCStrings([program] + arguments) { words in
            withCStrings(variables ?? []) {
                posix_spawnp(&process, program, &actions, &attributes, words, variables == nil ? environ : $0)
            }
        }
        guard code == 0 else { throw Errno(rawValue: code) }
        return ChildProcess(id: process)
    }

    private static func set(_ attributes: inout posix_spawnattr_t, _ options: Options) {
        var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        var blocked = sigset_t()
        sigemptyset(&blocked)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in options.defaultSignals { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        if options.hasOwnGroup {
            posix_spawnattr_setpgroup(&attributes, 0)
            flags |= POSIX_SPAWN_SETPGROUP
        }
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    /// Lends words as C has them: pointers with a null pointer behind them, as `execvp(3)` wants its arguments.
    public static func withCStrings<Result>(
        _ words: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var copies = words.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return copies.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
    }
}

extension ChildProcess {
    /// - Returns: the exit status, 128 and the signal's number if a signal ended it; nil while it runs.
    ///
    /// C: `waitpid(2)` with `WNOHANG`.
    public func poll() -> Int32? { status(WNOHANG) }

    /// - Returns: the exit status; 128 and the signal's number if a signal ended it.
    ///
    /// C: `waitpid(2)`.
    @discardableResult
    public func wait() -> Int32 { status(0) ?? 0 }

    /// C: `kill(2)`.
    public func signal(_ number: Int32) { kill(id, number) }

    /// Kills its process group, which must be its own. C: `kill(2)`.
    func killGroup() { kill(-id, SIGKILL) }

    private func status(_ options: Int32) -> Int32? {
        var status: Int32 = 0
        guard (try? retryingInterrupts { waitpid(id, &status, options) }) == id else { return nil }
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f)
    }
}
