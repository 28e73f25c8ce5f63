import Glibc
import KernelDatapath

/// Something that a kernel may lack.
struct Feature {
    var name: String
    /// `yes`, or why not.
    var outcome: String

    static var all: [Feature] {
        // The guard reads the datapath's maps, so it is tried while they are there.
        let (programs, socketGuard) = bpf()
        let sockets = SocketFeature.table.map { Feature(name: $0.name, outcome: $0.outcome) }
        return [
            programs, Feature(name: "type information (BTF)", outcome: answer(exists("/sys/kernel/btf/vmlinux"))),
            Feature(name: "bpf among the security modules", outcome: securityModules), socketGuard,
            Feature(name: "cgroups", outcome: cgroups),
            Feature(name: "cgroup.kill", outcome: answer(hasCgroupKill)),
        ] + sockets
    }

    /// Whether sluice.bpf.o and lsm.bpf.o can be loaded, and the latter is asked.
    private static func bpf() -> (programs: Feature, socketGuard: Feature) {
        let pins = Pins(directory: "/sys/fs/bpf/sluice-features-\(getpid())")
        defer { _ = try? pins.removeEverything() }
        var programs = Feature(name: "eBPF programs, ring buffer, inherited socket storage", outcome: "yes")
        var socketGuard = Feature(name: "lsm_cgroup/socket_create", outcome: "yes")
        do throws(KernelError) {
            let object = try DatapathObject(pins: pins)
            defer { _ = object.pins }
            let root = try KernelFacts.read().cgroupRoot ?? ""
            do throws(SocketGuardObstacle) {
                _ = try PacketSocketGuard(pins: pins, cgroupRoot: root)
            } catch {
                socketGuard.outcome = "\(error)"
            }
        } catch {
            programs.outcome = "\(error)"
            socketGuard.outcome = "not tried"
        }
        return (programs, socketGuard)
    }

    private static var securityModules: String {
        guard let file = fopen("/sys/kernel/security/lsm", "r") else { return "the list cannot be read" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = fread(&bytes, 1, bytes.count, file)
        let list = String(decoding: bytes.prefix(count), as: UTF8.self)
        return list.split(separator: ",").contains("bpf") ? "yes" : list
    }

    private static var cgroups: String {
        guard let facts = try? KernelFacts.read(), facts.cgroupRoot != nil else { return "no v2" }
        return facts.isHybrid ? "v2 beside v1" : "v2"
    }

    /// The root has no such file: looked for in a cgroup made for it.
    private static var hasCgroupKill: Bool {
        guard let root = try? KernelFacts.read().cgroupRoot else { return false }
        let path = "\(root)/sluice-features-\(getpid())"
        guard mkdir(path, 0o700) == 0 else { return false }
        defer { rmdir(path) }
        return exists("\(path)/cgroup.kill")
    }

    private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
    private static func answer(_ isThere: Bool) -> String { isThere ? "yes" : "no" }
}
