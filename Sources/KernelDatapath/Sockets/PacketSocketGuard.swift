import CLibbpf
import Glibc
import LinuxBase
public import VerdictTables

/// Refuses pods the sockets that send below the hooks: `lsm_cgroup/socket_create` of bpf/src/lsm.bpf.c.
///
/// It reads the datapath's `pods` and `config`. What it attached goes on without it, by pinned links.
public struct PacketSocketGuard: ~Copyable {
    static let program = "sluice_socket_create"
    static let attemptsMap = "attempts"
    static let attachType = BPF_LSM_CGROUP

    let pins: Pins
    private let object: OpaquePointer

    /// Loads the program beside the one that may be attached, and sees whether the kernel would ask it.
    ///
    /// - Parameters:
    ///   - pins: with the datapath's maps in place.
    ///   - cgroupRoot: where cgroup v2 is mounted.
    public init(pins: Pins, cgroupRoot: String) throws(SocketGuardObstacle) {
        let object = try Self.load(pins)
        do throws(SocketGuardObstacle) {
            try Self.checkActive(object, cgroupRoot: cgroupRoot)
        } catch {
            bpf_object__close(object)
            throw error
        }
        self.object = object
        self.pins = pins
    }

    deinit { bpf_object__close(object) }

    private static func load(_ pins: Pins) throws(SocketGuardObstacle) -> OpaquePointer {
        do throws(KernelError) {
            return try LibbpfLog.explaining { () throws(KernelError) in
                let object = try EmbeddedObject.openSocketGuard()
                do throws(KernelError) {
                    try placeMaps(of: object, pins)
                    try KernelError.check(bpf_object__load(object), .load, "program \(program)")
                } catch {
                    bpf_object__close(object)
                    throw error
                }
                return object
            }
        } catch {
            throw SocketGuardObstacle(loading: error)
        }
    }

    private static func placeMaps(of object: OpaquePointer, _ pins: Pins) throws(KernelError) {
        for map in [DatapathMap.config, .pods] {
            let pinned = try Descriptor(map: map, of: pins, readOnly: false)
            let handle = bpf_object__find_map_by_name(object, map.rawValue)
            try KernelError.check(bpf_map__reuse_fd(handle, pinned.raw), .reuse, "map \(map.rawValue)")
        }
        let attempts = bpf_object__find_map_by_name(object, attemptsMap)
        try KernelError.check(bpf_map__set_pin_path(attempts, pins.attemptsPath), .load, pins.attemptsPath)
    }

    /// The descriptor of a loaded program; the object keeps it.
    static func handle(_ name: String, in object: OpaquePointer) throws(KernelError) -> Int32 {
        let raw = bpf_program__fd(bpf_object__find_program_by_name(object, name))
        try KernelError.check(raw, .query, "program \(name)")
        return raw
    }

    /// Attaches to a cgroup's directory, in place of an earlier agent's program where there is one.
    ///
    /// - Returns: whether something had to be done.
    public func attach(to path: String) throws(KernelError) -> Bool {
        let cgroup = try Descriptor(path: path, flags: O_RDONLY | O_DIRECTORY)
        let id = try CgroupTree.id(ofPath: path)
        let own = try Self.handle(Self.program, in: object)
        let pin = pins.socketGuardPath(at: id)
        if let link = try CgroupLink(pinnedAt: pin) {
            let info = try link.info()
            if info.cgroup == id, info.attachType == Self.attachType.rawValue {
                guard try info.programID != programID(own, Self.program) else { return false }
                try KernelError.check(
                    bpf_link_update(link.descriptor.raw, own, nil), .update, Self.program)
                return true
            }
            try Pins.detachLink(at: pin)
        }
        try Files.makeDirectories(pins.linkDirectory(id))
        _ = try CgroupLink(
            attaching: own, as: Self.attachType, Self.program, to: cgroup, pinnedAt: pin)
        return true
    }

    /// Whether it is in force on a cgroup, whoever attached it.
    public static func isAttached(to cgroup: CgroupID, pins: Pins) throws(KernelError) -> Bool {
        guard let link = try CgroupLink(pinnedAt: pins.socketGuardPath(at: cgroup)) else { return false }
        let info = try link.info()
        return info.cgroup == cgroup && info.attachType == attachType.rawValue
    }

    /// Ends it everywhere; the datapath's programs stay.
    ///
    /// - Returns: whether it was anywhere.
    public static func detachAll(pins: Pins) throws(KernelError) -> Bool {
        var found = false
        for cgroup in try Attachments(pins: pins).cgroups() {
            if try Pins.detachLink(at: pins.socketGuardPath(at: cgroup)) { found = true }
        }
        return found
    }
}
