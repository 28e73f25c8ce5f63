package import PolicyCompiler
import PolicyModel

/// What a pod's cgroup may be known by.
package enum CgroupName: Hashable, Sendable {
    /// What follows `pod` in the cgroup's name: a pod's uid, or a static pod's hash.
    case uid(String)
    /// A path below the cgroup root, normalized.
    case path(String)
}

extension LocalPod {
    /// The names that its cgroup may bear, the one that counts most first.
    ///
    /// Kubelet names the cgroup of a static pod, which it runs from a file, by a
    /// hash of that file. The API knows the pod by an image, the mirror, which
    /// has another uid and tells the hash in an annotation. Anybody who may make
    /// pods can write that annotation, so it may not lead to another pod's cgroup:
    /// - Only 32 hexadecimal digits are a hash. The uids that the API server
    ///   gives have dashes, so no annotation names the cgroup of an ordinary pod.
    /// - A pod whose own uid has a cgroup is no static pod, and has that one.
    /// - Of several that name one hash, the one made first has the cgroup
    ///   (`PodCgroupIndex.OwnershipClaim`). The API server writes the time, and kubelet makes
    ///   the mirror as soon as it runs the pod.
    package var cgroupNames: [CgroupName] {
        if let cgroupPath { return [.path(CgroupLayout.normalized(cgroupPath))] }
        var names: [CgroupName] = uid.isEmpty ? [] : [.uid(uid)]
        if let mirror, Self.isHash(mirror.hash) { names.append(.uid(mirror.hash)) }
        return names
    }

    private static func isHash(_ text: String) -> Bool {
        text.utf8.count == 32 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}
