import PolicyModel

/// The cluster's pods by name, of which there may be a hundred thousand: each in
/// a box of its own, as a dictionary keeps room for twice what it holds.
struct PodTable: Sendable {
    private final class Box: Sendable {
        let pod: Pod
        init(_ pod: Pod) { self.pod = pod }
    }

    private var boxes: [NamespacedName: Box] = [:]

    subscript(key: NamespacedName) -> Pod? {
        get { boxes[key]?.pod }
        set { boxes[key] = newValue.map(Box.init) }
    }
}

extension Pod {
    /// What matters of a pod to which no verdict is given here.
    var asPeer: Pod {
        var peer = self
        peer.uid = ""
        peer.serviceAccount = ""
        peer.ready = true
        peer.cgroupPath = nil
        peer.mirror = nil
        peer.keepsNetRaw = false
        return peer
    }
}
