import KubernetesClient
import LinuxBase
import SystemPackage

/// How often the kernel has killed processes for want of memory in the agent's cgroup and the one above; in a
/// cluster, in its pod's cgroup. A container that starts again has a cgroup of its own, and its pod's above it.
enum MemoryKills {
    /// By path. Nothing where it cannot be read.
    static func now(root: String = "/sys/fs/cgroup") -> [String: UInt64] {
        var counts: [String: UInt64] = [:]
        for path in places {
            guard let bytes = try? FileSystem.read(FilePath("\(root)/\(path)/memory.events"), limit: 1 << 12) else {
                continue
            }
            counts[path] = count(in: String(decoding: bytes, as: UTF8.self))
        }
        return counts
    }

    /// cgroup-v2, "memory.events": `oom_kill 3`.
    private static func count(in text: String) -> UInt64? {
        text.split(separator: "\n").first { $0.hasPrefix("oom_kill ") }.flatMap {
            UInt64($0.dropFirst("oom_kill ".count))
        }
    }

    private static var places: [String] {
        let own = ownPath.map { [$0, FilePath("/\($0)").removingLastComponent().string] } ?? []
        return own + (ProcessEnvironment.all["POD_UID"].map(pods) ?? [])
    }

    /// cgroups(7): `0::/path`.
    private static var ownPath: String? {
        guard let bytes = try? FileSystem.read("/proc/self/cgroup", limit: 1 << 14) else { return nil }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("0::/") }
            .map { String($0.dropFirst(4)) }
    }

    /// Where kubelet may have made the pod's cgroup: by its cgroupfs driver, and by systemd's.
    private static func pods(_ uid: String) -> [String] {
        ["", "burstable", "besteffort"].flatMap { quality in
            let slice = quality.isEmpty ? "kubepods" : "kubepods-\(quality)"
            let parent = quality.isEmpty ? "" : "/\(slice).slice"
            return [
                quality.isEmpty ? "kubepods/pod\(uid)" : "kubepods/\(quality)/pod\(uid)",
                "kubepods.slice\(parent)/\(slice)-pod\(uid.replacing("-", with: "_")).slice",
            ]
        }
    }
}
