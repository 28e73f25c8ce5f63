public import Flows
public import PolicyModel

/// Writes policies from what was seen: NetworkPolicies, and ClusterNetworkPolicies for domain names.
///
/// What it writes allows each flow that it learned from; what it left out, and why,
/// it says.
public struct PolicyGenerator {
    public struct Options: Hashable, Sendable {
        /// Denied flows become rules as well.
        public var includeDenied = false
        /// A policy per namespace that isolates all of its pods.
        public var defaultDeny = false
        /// No block of addresses is wider than these, as `/24` is written.
        public var widestIPv4 = 24
        public var widestIPv6 = 64
        /// Fewer addresses of one block than this stay single.
        public var manyAddresses = 4
        /// What was reached by a domain name is written as that, not as addresses.
        public var domainNames = true
        public init() {}
    }

    /// A record that no rule was written for.
    public struct Omission: Hashable, Sendable {
        public var record: FlowRecord
        /// One sentence without a full stop.
        public var reason: String
    }

    public struct LearningResult: Sendable {
        public var policies: [LearnedPolicy] = []
        public var omissions: [Omission] = []
        /// What is to be told beside the policies.
        public var warnings: [String] = []
    }

    private let records: [FlowRecord]
    private let options: Options
    private let identityLabels: IdentityLabels
    private let services: Services
    private let aggregation: Aggregation
    /// Nil where addresses are wanted.
    private let names: KnownNames?

    /// - Parameters:
    ///   - records: the flows to learn from.
    ///   - cluster: what was recorded of namespaces and services.
    ///   - objects: the cluster's objects, which are believed before what was recorded.
    ///     With endpoint slices, as `ManifestStore` derives them.
    ///   - options: what to learn, and how to write it.
    public init(
        _ records: some Sequence<FlowRecord>, cluster: RecordedCluster, objects: [ClusterObject] = [],
        options: Options = Options()
    ) {
        self.records = records.sorted { $0.order.lexicographicallyPrecedes($1.order) }
        self.options = options
        services = Services(cluster.services, objects: objects, records: self.records)
        var parties = Set(self.records.map(\.key.source))
        var inCluster: Set<IPAddress> = []
        for record in self.records {
            switch record.key.target {
            case .pods(let party, _):
                parties.insert(party)
                inCluster.formUnion(record.seen.examples.map(\.address))
            case .service, .node, .metadata: inCluster.formUnion(record.seen.addresses.addresses)
            case .domains, .external: break
            }
        }
        for service in services.all {
            parties.formUnion(service.ways.compactMap(\.pods))
            inCluster.formUnion(service.addresses + service.ways.map(\.address))
        }
        for (address, pod) in PodsByAddress(objects).all {
            parties.insert(pod.party)
            inCluster.insert(address)
        }
        for case .pod(let pod) in objects where !pod.hostNetwork { parties.insert(pod.party) }
        identityLabels = IdentityLabels(parties)
        aggregation = Aggregation(options, inCluster: inCluster)
        names = options.domainNames ? KnownNames(self.records) : nil
    }

    /// - Parameters:
    ///   - namespace: only this one's pods; nil: all.
    ///   - workload: only a workload of this name, or pods that a policy of this name would be about.
    public func lesson(namespace: String? = nil, workload: String? = nil) -> LearningResult {
        var lesson = LearningResult()
        var drafts: [PolicyDraft.Subject: PolicyDraft] = [:]
        for record in records where namespace.map({ $0 == record.key.source.namespace }) ?? true {
            let identity = identityLabels.identity(of: record.key.source)
            let selector = identityLabels.selector(of: identity)
            if let workload, identity.name(selector) != workload { continue }
            guard !selector.isEmpty else {
                let reason = "\(identity.text) have no labels that a policy could select them by"
                lesson.omissions.append(Omission(record: record, reason: reason))
                continue
            }
            let subject = PolicyDraft.Subject(namespace: identity.namespace, selector: selector)
            drafts[subject, default: PolicyDraft(subject, options, aggregation)]
                .add(record, of: identity, identityLabels: identityLabels, services: services, names: names)
        }
        for draft in drafts.values.sorted(by: { $0.order.lexicographicallyPrecedes($1.order) }) {
            lesson.omissions += draft.omissions
            guard let policy = draft.policy(identityLabels) else { continue }
            lesson.policies.append(policy)
        }
        if options.defaultDeny {
            for namespace in Set(lesson.policies.map(\.key.namespace)).sorted() {
                lesson.policies.append(.defaultDeny(namespace))
            }
        }
        lesson.policies = placed(named(lesson.policies).sorted { $0.key < $1.key })
        lesson.warnings = warnings(lesson.omissions)
        return lesson
    }

    /// Names of one namespace differ.
    private func named(_ policies: [LearnedPolicy]) -> [LearnedPolicy] {
        var taken: Set<NamespacedName> = []
        return policies.map { policy in
            var policy = policy
            let wanted = policy.key.name
            var number = 2
            while !taken.insert(policy.key).inserted {
                policy.key.name = "\(wanted)-\(number)"
                number += 1
            }
            return policy
        }
    }

    /// Rules for names are asked after everything else of their tier, and no two policies of them
    /// at once: the API leaves open who of equal priority comes first.
    private func placed(_ policies: [LearnedPolicy]) -> [LearnedPolicy] {
        var priority = ClusterNetworkPolicy.priorities.upperBound
        return policies.map { policy in
            var policy = policy
            for index in policy.names.indices {
                policy.names[index].priority = priority
                priority = max(priority - 1, ClusterNetworkPolicy.priorities.lowerBound)
            }
            return policy
        }
    }

    private func warnings(_ omissions: [Omission]) -> [String] {
        var said: Set<String> = []
        return omissions.compactMap { omission in
            let line =
                "\(omission.record.key.source.text) to \(omission.record.targetText) "
                + "\(omission.record.portText): no rule: \(omission.reason)"
            return said.insert(line).inserted ? line : nil
        }
    }
}

extension FlowRecord {
    /// By source, destination and port: the same order whatever the records' order.
    var order: [String] {
        let source = key.source
        func words(_ party: FlowParty) -> [String] {
            [
                party.namespace, party.workload?.name ?? "", party.workload?.kind ?? "",
                LabelSelector(matchLabels: party.labels).description,
            ]
        }
        let target: [String] =
            switch key.target {
            case .pods(let party, let names): ["0"] + words(party) + [names.joined(separator: ",")]
            case .service(let key): ["1", key.namespace, key.name]
            case .node(let name): ["2", name]
            case .metadata(let name): ["3", name]
            case .domains(let names): ["4"] + names.map(\.description)
            case .external: ["5"]
            }
        let port = String(key.port)
        return words(source) + target
            + [
                String(key.protocolNumber), String(repeating: "0", count: 5 - port.utf8.count) + port,
                key.verdict.rawValue, key.guarded ? "1" : "0",
            ]
    }
}
