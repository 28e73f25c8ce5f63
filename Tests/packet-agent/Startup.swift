import CPacketLab
import Glibc
import PacketLab

/// Cgroup first, then namespace, then the first socket.
struct Startup {
    private var name: String?
    private var cgroup: String?
    private var namespace: String?
    /// What to become instead of answering requests: the words after `--`.
    private(set) var command: [String] = []

    init(_ arguments: [String]) throws(Failure) {
        var rest = arguments.dropFirst()
        while let option = rest.popFirst() {
            if option == "--" {
                command = Array(rest)
                return
            }
            guard let value = rest.popFirst() else { throw Failure("EINVAL", "\(option) lacks a value") }
            switch option {
            case "--name": name = value
            case "--cgroup": cgroup = value
            case "--netns": namespace = value
            default: throw Failure("EINVAL", "unknown option \(option)")
            }
        }
    }

    func join() throws(Failure) {
        if let name { try Itself.rename(name) }
        if let cgroup { try Itself.moveToCgroup(cgroup) }
        if let namespace { try Itself.enterNetwork(namespace) }
    }

    /// Becomes the command, which dies with its parent too.
    func become() throws(Failure) {
        _ = lab_die_with_parent()
        signal(SIGPIPE, SIG_DFL)
        let vector = command.map { strdup($0) } + [nil]
        try check(execvp(command[0], vector))
    }

    /// Ends the process when its parent does, or lets go of standard input, whatever it is
    /// waiting for at that moment.
    static func endWithParent() {
        _ = lab_die_with_parent()
        startThread {
            var entry = pollfd(fd: 0, events: 0, revents: 0)
            while poll(&entry, 1, -1) <= 0 || entry.revents & Int16(POLLHUP | POLLERR) == 0 {}
            _exit(0)
        }
    }
}
