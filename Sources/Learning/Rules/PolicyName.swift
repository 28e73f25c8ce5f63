import PolicyModel

/// Names of policies.
enum PolicyName {
    /// A DNS subdomain (apimachinery `validation.IsDNS1123Subdomain`) made from what
    /// the policy is about.
    static func of(_ subject: String) -> String {
        var name = ""
        for scalar in subject.lowercased().unicodeScalars.prefix(230) {
            let isPlain = ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
            if isPlain {
                name.unicodeScalars.append(scalar)
            } else if !name.isEmpty, name.last != "-" {
                name += "-"
            }
        }
        while name.last == "-" { name.removeLast() }
        return (name.isEmpty ? "pods" : name) + "-egress"
    }
}

extension Identity {
    /// What it is called for short: by its workload, else by its best label's value.
    func name(_ selector: Labels) -> String {
        if let workload { return workload.name }
        return LabelRank.sorted(selector.keys).compactMap { selector[$0] }.filter { !$0.isEmpty }
            .joined(separator: "-")
    }
}

extension LearnedPolicy {
    static func defaultDeny(_ namespace: String) -> LearnedPolicy {
        LearnedPolicy(
            key: NamespacedName(namespace, "default-deny-egress"), podSelector: [:], rules: [],
            comments: ["Every pod of the namespace: what no other policy allows is denied."], notes: [])
    }
}
