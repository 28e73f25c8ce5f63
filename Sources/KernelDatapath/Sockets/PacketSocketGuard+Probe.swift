import CLibbpf
import Glibc
import LinuxBase

extension PacketSocketGuard {
    private static let probeProgram = "sluice_socket_probe"
    private static let probeMap = "probed"

    /// Throws if the kernel does not ask such programs.
    static func checkActive(
        _ object: OpaquePointer, cgroupRoot: String
    ) throws(SocketGuardObstacle) {
        let count: UInt64
        do throws(KernelError) {
            count = try countedSockets(object, cgroupRoot: cgroupRoot)
        } catch {
            throw .refused(error)
        }
        if count == 0 { throw .notActive }
    }

    /// How many sockets a program sees that is attached to the root while this process makes one.
    ///
    /// Loading and attaching succeed where BPF is not among the active security modules too; the
    /// program is then never asked. The list of active ones is in a file system that containers
    /// seldom see.
    private static func countedSockets(
        _ object: OpaquePointer, cgroupRoot: String
    ) throws(KernelError) -> UInt64 {
        let root = try Descriptor(path: cgroupRoot, flags: O_RDONLY | O_DIRECTORY)
        let link = bpf_link_create(try handle(probeProgram, in: object), root.raw, attachType, nil)
        try KernelError.check(link, .attach, probeProgram)
        // Not pinned: it ends here.
        defer { close(link) }
        let socket = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        try KernelError.checkErrno(socket, .create, "a unix socket")
        close(socket)
        var key: UInt32 = 0
        var count: UInt64 = 0
        let map = bpf_map__fd(bpf_object__find_map_by_name(object, probeMap))
        try KernelError.check(bpf_map_lookup_elem(map, &key, &count), .read, "map \(probeMap)")
        return count
    }
}
