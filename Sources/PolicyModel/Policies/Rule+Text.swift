/// Rules for people, in one line each.
extension PolicyRule {
    /// For instance `to pods with app=db in shop: TCP 5432`.
    ///
    /// - Parameter namespace: of the policy.
    public func text(inNamespace namespace: String) -> String {
        line(
            place.direction,
            peers.map { peers in
                peers.map { peer in
                    switch peer {
                    case .block(let block): block.text
                    case .pods(.own, let pods): PodSelection(namespace: namespace, pods: pods).text
                    case .pods(.matching(let namespaces), let pods):
                        PodSelection(namespaces: namespaces, pods: pods).text
                    }
                }
            }, ports)
    }
}

extension TierPolicyRule {
    /// For instance `Deny to nodes: TCP 10250`.
    public var text: String {
        let places = peers.map { peers in
            peers.map { peer in
                switch peer {
                case .pods(let selection): selection.text
                case .nodes(let selector): selector.requirements.isEmpty ? "nodes" : "nodes with \(selector)"
                case .network(let prefix): prefix.description
                case .domains(let patterns): patterns.map(\.description).joined(separator: " or ")
                }
            }
        }
        return "\(action.rawValue) " + line(place.direction, places, ports)
            + (name.isEmpty ? "" : " (\(name.printable))")
    }
}

private func line(_ direction: Direction, _ peers: [String]?, _ ports: [PolicyPort]?) -> String {
    "\(direction.peersField) \(peers?.joined(separator: "; ") ?? "everywhere")"
        + (ports.map { ": \($0.map(\.text).joined(separator: ", "))" } ?? "")
}

extension PodSelection {
    /// The label that the API server sets on every namespace.
    public static let nameLabel = "kubernetes.io/metadata.name"

    /// Pods of one namespace.
    public init(namespace: String, pods: LabelSelector) {
        self.init(namespaces: LabelSelector(matchLabels: [Self.nameLabel: namespace]), pods: pods)
    }

    /// For people: `pods with app=db in shop`.
    public var text: String {
        (pods.requirements.isEmpty ? "pods" : "pods with \(pods)") + " in \(placeText)"
    }

    private var placeText: String {
        guard let first = namespaces.requirements.first else { return "any namespace" }
        return namespaces.requirements.count == 1 && first.key == Self.nameLabel && first.operator == .in
            ? first.values.joined(separator: " or ") : "namespaces with \(namespaces)"
    }
}

extension IPBlock {
    /// For people: `10.0.0.0/8 except 10.1.0.0/16`.
    public var text: String {
        "\(prefix)" + (except.isEmpty ? "" : " except \(except.map(\.description).joined(separator: ", "))")
    }
}

extension PolicyPort {
    /// For people: `TCP 80`, `UDP`, `TCP http`.
    public var text: String {
        switch number {
        case .any: `protocol`.name
        case .range(let range):
            range.count == 1
                ? "\(`protocol`.name) \(range.lowerBound)"
                : "\(`protocol`.name) \(range.lowerBound)-\(range.upperBound)"
        case .named(let name): "\(`protocol`.name) \(name)"
        }
    }
}
