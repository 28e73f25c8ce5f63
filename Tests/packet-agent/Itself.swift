import CPacketLab
import Glibc
import PacketLab

/// What the process changes about itself.
enum Itself {
    static func rename(_ name: String) throws(Failure) {
        try write(name, to: "/proc/self/comm")
    }

    static func moveToCgroup(_ directory: String) throws(Failure) {
        try write("0", to: "\(directory)/cgroup.procs")
    }

    static func enterNetwork(_ path: String) throws(Failure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(Failure.last.name, path) }
        defer { close(descriptor) }
        try check(lab_enter_network(descriptor))
    }

    static func unshareNetwork() throws(Failure) {
        try check(lab_unshare_network())
    }

    /// Runs the body in another network namespace.
    static func inside<R>(_ path: String, _ body: () -> R) throws(Failure) -> R {
        let home = try check(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC))
        defer { close(home) }
        try enterNetwork(path)
        let result = body()
        try check(lab_enter_network(home))
        return result
    }

    private static func write(_ text: String, to path: String) throws(Failure) {
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(Failure.last.name, path) }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, text, text.utf8.count) >= 0 else {
            throw Failure(Failure.last.name, path)
        }
    }
}
