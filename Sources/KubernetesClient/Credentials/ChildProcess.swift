import Glibc

/// Runs a program to its end. Waits in the kernel: not for a cooperative thread.
package enum ChildProcess {
    package struct Ended {
        /// Its exit status; 128 and the signal's number if a signal ended it.
        package var status: Int32
        package var out: [UInt8]
        package var err: [UInt8]
    }

    package struct Failure: Error {
        /// There is no such program.
        package var isMissing = false
        /// Goes on after the program's name.
        package var message: String
    }

    /// C: `posix_spawnp(3)`.
    ///
    /// - Parameter limit: of what it may print, in bytes; what is beyond is lost.
    /// - Throws: if it cannot be started, or still runs after the deadline; it
    ///   is then killed with all that it started.
    package static func run(
        _ command: String, _ arguments: [String], environment: [String: String], deadline: Duration,
        limit: Int
    ) throws(Failure) -> Ended {
        var out = try Output(limit: limit)
        defer { out.close() }
        var err = try Output(limit: limit)
        defer { err.close() }
        let process = try spawn(command, arguments, environment, out: out, err: err)
        out.closeWriteEnd()
        err.closeWriteEnd()
        let end = ContinuousClock.now + deadline
        while true {
            // Asked before reading: what an ended program wrote is all there.
            // Its own children may keep the pipes open, so their end says nothing.
            let status = poll(process)
            out.readAvailable()
            err.readAvailable()
            if let status { return Ended(status: status, out: out.bytes, err: err.bytes) }
            guard ContinuousClock.now < end else {
                kill(-process, SIGKILL)
                var ignored: Int32 = 0
                while waitpid(process, &ignored, 0) < 0 && errno == EINTR {}
                let said = String(decoding: err.bytes.prefix(2000), as: UTF8.self)
                throw Failure(
                    message: "has not ended within \(deadline)" + (said.isEmpty ? "" : "; it said: \(said)"))
            }
            usleep(10_000)
        }
    }

    private static func poll(_ process: pid_t) -> Int32? {
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) == process else { return nil }
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f)
    }

    private static func spawn(
        _ command: String, _ arguments: [String], _ environment: [String: String], out: Output, err: Output
    ) throws(Failure) -> pid_t {
        var words: [UnsafeMutablePointer<CChar>?] = ([command] + arguments).map { strdup($0) }
        words.append(nil)
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") }
        variables.append(nil)
        defer { for text in words + variables { free(text) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, out.writeEnd, 1)
        posix_spawn_file_actions_adddup2(&actions, err.writeEnd, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own, to be killed as one; and no signal blocked as it may be here.
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
        var process = pid_t()
        let result = posix_spawnp(&process, command, &actions, &attributes, words, variables)
        guard result == 0 else {
            throw Failure(
                isMissing: result == ENOENT,
                message: "cannot be run: \(String(cString: strerror(result)))")
        }
        return process
    }

    /// A pipe whose other end is a child's output.
    private struct Output {
        let readEnd: Int32
        private(set) var writeEnd: Int32
        private let limit: Int
        private(set) var bytes: [UInt8] = []

        init(limit: Int) throws(Failure) {
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else {
                throw Failure(message: "cannot be run: \(String(cString: strerror(errno)))")
            }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
            (readEnd, writeEnd, self.limit) = (ends[0], ends[1], limit)
        }

        mutating func readAvailable() {
            var chunk = [UInt8](repeating: 0, count: 1 << 14)
            while case let count = read(readEnd, &chunk, chunk.count), count > 0 {
                bytes += chunk[..<min(count, limit - bytes.count)]
            }
        }

        mutating func closeWriteEnd() {
            guard writeEnd >= 0 else { return }
            _ = Glibc.close(writeEnd)
            writeEnd = -1
        }

        mutating func close() {
            closeWriteEnd()
            _ = Glibc.close(readEnd)
        }
    }
}
