import Glibc
import Synchronization

/// A child whose standard input and output are one socket pair, so that writing to a dead child
/// is an error and no SIGPIPE.
final class ChildProcess {
    let pid: pid_t
    private let descriptor: Int32
    private let life: Life

    init(_ program: String, _ arguments: [String]) throws(LabError) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw LabError("socketpair") }
        descriptor = ends[0]
        let childEnd = ends[1]
        defer { close(childEnd) }
        life = Life()
        pid = try life.start(program, arguments, standard: (childEnd, childEnd, -1))
    }

    deinit {
        close(descriptor)
    }

    var hasEnded: Bool { life.hasEnded }

    func kill() {
        life.kill()
    }

    func write(_ bytes: [UInt8]) throws(LabError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw LabError("write to child \(pid)") }
            rest = rest.dropFirst(count)
        }
    }

    /// - Returns: nothing at the end of the stream.
    func read(_ deadline: Deadline) throws(LabError) -> ArraySlice<UInt8> {
        guard deadline.wait(for: descriptor, events: POLLIN) else {
            throw LabError("read from child \(pid)", "no answer in time")
        }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return buffer.prefix(max(0, count))
    }
}

/// One thread per child starts it and reaps it. The kernel kills a child that asked for it
/// (PR_SET_PDEATHSIG) when the *thread* that started it ends, and pooled threads end when idle.
private final class Life: Sendable {
    private enum State {
        case unborn
        case failed(LabError)
        case running(pid_t)
        case ended(pid_t)
    }

    private let state = Mutex(State.unborn)

    func start(
        _ program: String, _ arguments: [String], standard: (Int32, Int32, Int32)
    ) throws(LabError) -> pid_t {
        startThread { [self] in
            do throws(LabError) {
                let pid = try Command.spawn(program, arguments, standard: standard)
                state.withLock { $0 = .running(pid) }
                // Seen dead, but not reaped: until the state says so the number stays taken.
                var info = siginfo_t()
                while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
                state.withLock {
                    $0 = .ended(pid)
                    _ = Command.waitForEnd(of: pid)
                }
            } catch {
                state.withLock { $0 = .failed(error) }
            }
        }
        while true {
            switch state.withLock({ $0 }) {
            case .unborn: usleep(100)
            case .failed(let error): throw error
            case .running(let pid), .ended(let pid): return pid
            }
        }
    }

    var hasEnded: Bool {
        if case .ended = state.withLock({ $0 }) { true } else { false }
    }

    /// Sends SIGKILL and waits for the end.
    func kill() {
        while true {
            let waiting = state.withLock { state in
                guard case .running(let pid) = state else { return false }
                Glibc.kill(pid, SIGKILL)
                return true
            }
            guard waiting else { return }
            usleep(200)
        }
    }
}
