import CPacketLab
import Glibc

/// Short-lived programs.
public enum Command {
    /// Runs a program to its end.
    ///
    /// - Parameter input: its standard input; must fit a pipe (64 KiB).
    /// - Returns: the exit status, and what it wrote to standard output and error.
    public static func run(
        _ program: String, _ arguments: [String], input: String = ""
    ) throws(LabError) -> (status: Int32, output: String) {
        var input = input
        let stdin = try Pipe()
        let stdout = try Pipe()
        let fits = input.utf8.count <= 65_536
        guard fits, input.withUTF8({ write(stdin.writeEnd, $0.baseAddress, $0.count) }) >= 0 else {
            throw LabError(program, "input too long")
        }
        stdin.closeWriteEnd()
        let pid = try spawn(
            program, arguments, standard: (stdin.readEnd, stdout.writeEnd, stdout.writeEnd))
        stdout.closeWriteEnd()
        let output = readAll(stdout.readEnd)
        return (waitForEnd(of: pid), output)
    }

    /// `posix_spawnp(3)` with the three standard descriptors; -1 keeps the parent's.
    static func spawn(
        _ program: String, _ arguments: [String], standard: (Int32, Int32, Int32)
    ) throws(LabError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (target, source) in [standard.0, standard.1, standard.2].enumerated() where source >= 0 {
            posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
        }
        // Signals do to it what they do at a terminal, though this thread may block them.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var blocked = sigset_t()
        sigemptyset(&blocked)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var vector = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for text in vector { free(text) } }
        var pid = pid_t()
        let failure = posix_spawnp(&pid, program, &actions, &attributes, &vector, environ)
        guard failure == 0 else { throw LabError("start of \(program)", errno: failure) }
        return pid
    }

    /// - Returns: the exit status, or 128 and the signal as a shell has it.
    static func waitForEnd(of pid: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? status >> 8 & 0xff : 128 + signal
    }
}

/// Both ends of a pipe.
private final class Pipe {
    private(set) var readEnd: Int32
    private(set) var writeEnd: Int32

    init() throws(LabError) {
        var ends: (Int32, Int32) = (-1, -1)
        let made = withUnsafeMutableBytes(of: &ends) { raw in
            lab_pipe(raw.baseAddress!.assumingMemoryBound(to: Int32.self))
        }
        (readEnd, writeEnd) = ends
        guard made == 0 else { throw LabError("pipe") }
    }

    func closeWriteEnd() {
        if writeEnd >= 0 { close(writeEnd) }
        writeEnd = -1
    }

    deinit {
        closeWriteEnd()
        if readEnd >= 0 { close(readEnd) }
    }
}
