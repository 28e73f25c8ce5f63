import FoundationEssentials

/// A verb on a resource.
struct Right: Hashable {
    var group: String
    var resource: String
    var verb: String
}

/// A `ClusterRole` of rbac.authorization.k8s.io/v1.
struct ClusterRole: Codable {
    struct Metadata: Codable { var name: String }
    struct Rule: Codable {
        var apiGroups: [String]
        var resources: [String]
        var verbs: [String]
    }
    var apiVersion = "rbac.authorization.k8s.io/v1"
    var kind = "ClusterRole"
    var metadata: Metadata
    var rules: [Rule]

    /// As the server has it.
    init(_ name: String, _ controlPlane: ControlPlane) throws {
        let text = try controlPlane.kubectl("get", "clusterrole", name, "-o", "json")
        self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
    }

    var rights: Set<Right> {
        Set(
            rules.flatMap { rule in
                rule.apiGroups.flatMap { group in
                    rule.resources.flatMap { resource in
                        rule.verbs.map { Right(group: group, resource: resource, verb: $0) }
                    }
                }
            })
    }

    /// The role, one rule for each right, but for some.
    func without(_ isTaken: (Right) -> Bool) -> ClusterRole {
        var rest = self
        rest.rules = rights.filter { !isTaken($0) }
            .map { Rule(apiGroups: [$0.group], resources: [$0.resource], verbs: [$0.verb]) }
        return rest
    }

    func replace(at controlPlane: ControlPlane) throws {
        try controlPlane.kubectl(
            "replace", text: String(decoding: JSONEncoder().encode(self), as: UTF8.self))
    }
}
