import PolicyCompiler
import PolicyModel

/// Pods that no selector of a policy and no exemption from a guard tells apart.
struct PodKind {
    /// What tells them apart; of labels those that some selector names.
    struct Key: Hashable {
        var namespace: String
        var labels: Labels
        var hostNetwork: Bool
        /// Empty where no exemption asks for it.
        var serviceAccount: String
    }

    var key: Key
    /// The first by name.
    var example: Pod
    var count = 1
    /// Every named port that one of them has.
    var ports: Set<NamedPort>

    mutating func add(_ pod: Pod) {
        count += 1
        if pod.key < example.key { example = pod }
        ports.formUnion(pod.namedPorts)
    }
}

extension Sequence<PodKind> {
    /// How many pods, and one of them: `3 pods (for instance shop/web)`.
    var text: String {
        let example = self.min { $0.example.key < $1.example.key }.map { "\($0.example.key)" } ?? ""
        return podsText(reduce(0) { $0 + $1.count }, example: example)
    }
}

func podsText(_ count: Int, example: String) -> String {
    switch count {
    case 0: "no pod"
    case 1: "pod \(example)"
    default: "\(count) pods (for instance \(example))"
    }
}
