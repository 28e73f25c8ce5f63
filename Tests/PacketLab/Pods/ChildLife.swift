import Glibc
import LinuxBase
import Synchronization

/// One thread per child starts it and reaps it. The kernel kills a child that asked for it
/// (PR_SET_PDEATHSIG) when the *thread* that started it ends, and pooled threads end when idle.
final class ChildLife: Sendable {
    private enum State {
        case unborn
        case failed(LabError)
        case running(ChildProcess)
        case ended(pid_t, status: Int32)
    }

    private let state = Mutex(State.unborn)

    func start(
        _ program: String, _ arguments: [String], standard: (Int32, Int32, Int32)
    ) throws(LabError) -> pid_t {
        startThread { [self] in
            do throws(LabError) {
                let process = try Command.spawn(program, arguments, standard: standard)
                state.withLock { $0 = .running(process) }
                // Seen dead, but not reaped: until the state says so the number stays taken.
                var info = siginfo_t()
                while waitid(P_PID, id_t(process.id), &info, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
                state.withLock { $0 = .ended(process.id, status: process.wait()) }
            } catch {
                state.withLock { $0 = .failed(error) }
            }
        }
        while true {
            switch state.withLock({ $0 }) {
            case .unborn: usleep(100)
            case .failed(let error): throw error
            case .running(let process): return process.id
            case .ended(let pid, _): return pid
            }
        }
    }

    var hasEnded: Bool { endStatus != nil }

    /// The exit status, or 128 and the signal as a shell has it; nil while the child runs.
    var endStatus: Int32? {
        if case .ended(_, let status) = state.withLock({ $0 }) { status } else { nil }
    }

    /// Sends SIGKILL and waits for the end.
    func kill() {
        while true {
            let waiting = state.withLock { state in
                guard case .running(let process) = state else { return false }
                process.signal(SIGKILL)
                return true
            }
            guard waiting else { return }
            usleep(200)
        }
    }
}
