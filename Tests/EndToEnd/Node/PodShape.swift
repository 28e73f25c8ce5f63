/// How a kubelet and its runtime name the cgroups of a pod: what --cgroup-driver and the pod's
/// class of service make of its uid (pkg/kubelet/cm in Kubernetes, the CRI runtimes' names).
enum CgroupDriver: CaseIterable {
    case systemd, cgroupfs

    /// The cgroup of all pods, below the kubelet's root.
    var pods: String { self == .systemd ? "kubepods.slice" : "kubepods" }

    /// A pod's cgroup, below the kubelet's root.
    ///
    /// - Parameter uid: of the API; for a static pod the hash of its manifest.
    func pod(_ uid: String, _ quality: QualityOfService) -> String {
        switch self {
        case .cgroupfs:
            quality == .guaranteed ? "kubepods/pod\(uid)" : "kubepods/\(quality)/pod\(uid)"
        case .systemd:
            // A dash would stand for a slice of its own.
            Self.slices(
                (quality == .guaranteed ? ["kubepods"] : ["kubepods", "\(quality)"])
                    + ["pod" + uid.map { $0 == "-" ? "_" : String($0) }.joined()])
        }
    }

    /// A container's cgroup, below its pod's.
    ///
    /// - Parameter id: the runtime's, 64 hexadecimal digits.
    func container(_ id: String) -> String {
        self == .systemd ? "cri-containerd-\(id).scope" : id
    }

    /// `a.slice/a-b.slice/a-b-c.slice`
    private static func slices(_ names: [String]) -> String {
        names.indices.map { names[...$0].joined(separator: "-") + ".slice" }.joined(separator: "/")
    }
}

enum QualityOfService {
    case guaranteed, burstable, besteffort
}
