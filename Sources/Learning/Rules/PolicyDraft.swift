import Flows
import PolicyModel

/// A policy as records add up to it.
struct PolicyDraft {
    struct Subject: Hashable {
        var namespace: String
        var selector: Labels
    }

    /// What is known of a peer.
    struct Peer {
        var ports: Set<LearnedPort> = []
        /// What it is, for people.
        var titles: Set<String> = []
        var evidence = Evidence()
        /// A record may lead to one peer in several ways, but counts once.
        private var counted: Set<FlowRecord.Key> = []

        mutating func add(_ record: FlowRecord) {
            if counted.insert(record.key).inserted { evidence.add(record) }
        }

        /// For instance `Deployment api: seen 12 times, last 2026-11-21T14:38:16Z`.
        var text: String {
            let title = titles.sorted().joined(separator: "; ")
            return (title.isEmpty ? "" : "\(title): ") + evidence.text
        }
    }

    struct Endpoint: Hashable {
        var `protocol`: TransportProtocol
        var port: UInt16
    }

    let subject: Subject
    private let options: PolicyGenerator.Options
    let aggregation: Aggregation
    private(set) var identities: Set<Identity> = []
    private(set) var peers: [LearnedPeer: Peer] = [:]
    /// Addresses outside, which are grouped when all are known.
    private(set) var outside: [Endpoint: [Prefix: Evidence]] = [:]
    /// Domain names that were reached outside.
    private(set) var domains: [DomainPattern: Peer] = [:]
    private(set) var refused: [String: Evidence] = [:]
    private(set) var first = FlowTime(nanoseconds: .max)
    private(set) var last = FlowTime(nanoseconds: 0)
    private(set) var omissions: [PolicyGenerator.Omission] = []

    init(_ subject: Subject, _ options: PolicyGenerator.Options, _ aggregation: Aggregation) {
        (self.subject, self.options, self.aggregation) = (subject, options, aggregation)
    }

    var order: [String] { [subject.namespace, name, LabelSelector(matchLabels: subject.selector).description] }

    var name: String {
        identities.sorted().first.map { $0.name(subject.selector) } ?? "pods"
    }

    // MARK: What was seen

    mutating func add(
        _ record: FlowRecord, of identity: Identity, identityLabels: IdentityLabels, services: Services,
        names: KnownNames?
    ) {
        identities.insert(identity)
        guard let refusal = refusal(of: record) else { return learn(record, identityLabels, services, names) }
        omissions.append(PolicyGenerator.Omission(record: record, reason: refusal.reason))
        if let note = refusal.note {
            refused["\(note.what) \(record.portText): \(note.why)", default: Evidence()].add(record)
        }
    }

    private func refusal(
        of record: FlowRecord
    ) -> (reason: String, note: (what: String, why: String)?)? {
        let what = record.targetText
        if record.key.guarded || GuardedDestinations.holds(record) {
            let why =
                "guarded, and no NetworkPolicy opens a guard; if it is needed, ask for a "
                + "ClusterNetworkPolicy of tier Admin"
            return (why, (what, why))
        }
        if !record.passed && !options.includeDenied {
            return ("it was denied; --include-denied makes it a rule", nil)
        }
        if TransportProtocol(rawValue: record.key.protocolNumber) == nil {
            let why = "a NetworkPolicy has no word for this protocol but a rule for every port"
            return (why, (what, why))
        }
        return nil
    }

    private mutating func learn(
        _ record: FlowRecord, _ identityLabels: IdentityLabels, _ services: Services, _ names: KnownNames?
    ) {
        guard let transport = TransportProtocol(rawValue: record.key.protocolNumber) else { return }
        first = min(first, record.seen.first)
        last = max(last, record.seen.last)
        switch record.key.target {
        case .pods(let party, let names):
            addPeer(record, pods: party, transport, record.key.port, names, nil, identityLabels)
        case .service(let key):
            let ways = services.ways(key, record.key.protocolNumber, record.key.port)
            let title = "service \(key), port \(record.key.port)"
            for way in ways {
                if let pods = way.pods {
                    addPeer(record, pods: pods, transport, way.targetPort, way.portNames, title, identityLabels)
                } else {
                    addPeer(
                        record, .block(IPBlock(Prefix(host: way.address))),
                        LearnedPort(protocol: transport, number: way.targetPort),
                        "\(title), whose endpoint is no pod")
                }
            }
            guard ways.isEmpty else { return }
            addAddresses(record, transport, "\(title), whose pods are not known: --objects tells them")
        case .node(let name): addAddresses(record, transport, "node \(name)")
        case .metadata(let name): addAddresses(record, transport, name)
        case .domains, .external:
            var nameless = record.seen.addresses.counts
            for (prefix, count) in record.seen.addresses.counts {
                let patterns = names?.patterns(for: prefix, in: record) ?? []
                if !patterns.isEmpty { nameless[prefix] = nil }
                for pattern in patterns {
                    domains[pattern, default: Peer()].ports.insert(
                        LearnedPort(protocol: transport, number: record.key.port))
                    domains[pattern]?.evidence.add(Evidence(count, of: record))
                }
            }
            addOutside(record, transport, nameless)
        }
    }

    /// Addresses outside of which no name is known.
    private mutating func addOutside(
        _ record: FlowRecord, _ transport: TransportProtocol, _ counts: [Prefix: UInt64]
    ) {
        let endpoint = Endpoint(protocol: transport, port: record.key.port)
        if let widest = counts.keys.filter({ !aggregation.permits($0) }).min() {
            let reason =
                "more than \(AddressTally.capacity) addresses, counted by blocks as wide as "
                + "\(widest); --cidr-v4-max or --cidr-v6-max permits wider rules"
            omissions.append(PolicyGenerator.Omission(record: record, reason: reason))
            refused["\(record.targetText) \(record.portText): \(reason)", default: Evidence()].add(record)
        }
        for (prefix, count) in counts where aggregation.permits(prefix) {
            outside[endpoint, default: [:]][prefix, default: Evidence()].add(Evidence(count, of: record))
        }
    }

    private mutating func addPeer(
        _ record: FlowRecord, pods: FlowParty, _ transport: TransportProtocol, _ port: UInt16,
        _ names: [String], _ title: String?, _ identityLabels: IdentityLabels
    ) {
        if ClusterDNS.isPart(pods), port == ClusterDNS.port, transport != .sctp {
            // Answers too long for UDP are asked for again over TCP.
            peers[.dns, default: Peer()].ports.formUnion(
                [.udp, .tcp].map { LearnedPort(protocol: $0, number: port) })
            return addPeer(record, .dns, LearnedPort(protocol: transport, number: port), "the cluster's DNS")
        }
        let identity = identityLabels.identity(of: pods)
        let selector = identityLabels.selector(of: identity)
        var text = identity.text + (title.map { ", behind \($0)" } ?? "")
        let others = identityLabels.alsoSelected(with: identity)
        if !others.isEmpty {
            text += " (the same labels select \(others.map(\.text).joined(separator: ", ")))"
        }
        addPeer(
            record, .pods(namespace: pods.namespace, selector),
            LearnedPort(protocol: transport, number: port, name: names.first), text)
    }

    private mutating func addAddresses(_ record: FlowRecord, _ transport: TransportProtocol, _ title: String) {
        for address in record.seen.addresses.addresses {
            addPeer(
                record, .block(IPBlock(Prefix(host: address))),
                LearnedPort(protocol: transport, number: record.key.port), title)
        }
    }

    private mutating func addPeer(
        _ record: FlowRecord, _ peer: LearnedPeer, _ port: LearnedPort, _ title: String
    ) {
        peers[peer, default: Peer()].ports.insert(port)
        peers[peer]?.titles.insert(title)
        peers[peer]?.add(record)
    }
}
