import FoundationEssentials
import Glibc
import PacketLab
import PolicyModel

/// A pod, a real resolver that it may ask, and a policy that lets it reach names.
///
/// Addresses of 11.0.0.0/8 stand for the internet's.
final class NameScene {
    let node: EnforcedNode
    let pod: EnforcedPod
    /// The resolver that is trusted.
    let server: Program
    /// Its network namespace.
    let serverPlace: NetworkNamespace

    static let resolver = "10.9.0.53"
    /// Trusted, and not there.
    static let silent = "10.9.0.55"
    /// Answers like the other, and nobody trusts it.
    static let impostor = "10.9.0.54"

    /// - Parameters:
    ///   - names: of the one Accept rule, in YAML's flow style.
    ///   - annotations: of the policy.
    ///   - lifetime: of an answer, in seconds, at least and at most.
    ///   - grace: how long it counts past that, from its last use on.
    ///   - options: of the agent.
    ///   - sources: the guard of sources, which is off where a resolver is forged.
    init(
        _ names: String = "[api.example.com, '*.wild.example.com']", annotations: String = "{}",
        by resolver: Resolver, lifetime: (Int, Int) = (60, 86_400), grace: Int = 0, options: [String] = [],
        sources: String = "enforce"
    ) throws {
        node = try EnforcedNode(
            options: options,
            config: """
                names: {findResolvers: false, resolvers: [\(Self.resolver), \(Self.silent)], minimumSeconds: \(lifetime.0), maximumSeconds: \(lifetime.1), graceSeconds: \(grace)}
                guards: {sources: {mode: '\(sources)'}}
                """)
        pod = try node.pod("pod", labels: "{app: client}", "10.9.0.1", "fd09::1")
        let command = try resolver.command(in: node.directory)
        (server, serverPlace) = try Self.launch(command, "dns", Self.resolver, on: node)
        _ = try Self.launch(command, "impostor", Self.impostor, on: node)
        try write(names, annotations: annotations)
        try node.start()
        try node.waitUntil("the resolver") { try !resolve("ready.invalid").contains("timed out") }
    }

    /// The same with dnsmasq.
    convenience init(
        _ names: String = "[api.example.com, '*.wild.example.com']", annotations: String = "{}",
        records: [String], hosts: String = "", lifetime: (Int, Int) = (60, 86_400), grace: Int = 0,
        options: [String] = [], sources: String = "enforce"
    ) throws {
        try self.init(
            names, annotations: annotations, by: .dnsmasq(records: records, hosts: hosts), lifetime: lifetime,
            grace: grace, options: options, sources: sources)
    }

    private static func launch(
        _ command: [String], _ name: String, _ address: String, on node: EnforcedNode
    ) throws -> (Program, NetworkNamespace) {
        let place = try node.network().host(name, address)
        let program = try node.lab.launch(
            command, in: node.lab.cgroup("servers/\(name)"), place, output: "\(node.directory)/resolver-\(name)")
        return (program, place)
    }

    func close() { node.close() }

    /// What the policy lets pods reach, beside their resolvers.
    ///
    /// - Parameters:
    ///   - policy: its name, and its file's.
    ///   - subject: the pods, in YAML's flow style.
    ///   - extra: a rule before that for names.
    func write(
        _ names: String, annotations: String = "{}", policy: String = "names",
        subject: String = "{namespaces: {}}", extra: String = ""
    ) throws {
        try node.write(
            "\(policy).yaml",
            """
            apiVersion: policy.networking.k8s.io/v1alpha2
            kind: ClusterNetworkPolicy
            metadata: {name: \(policy), annotations: \(annotations)}
            spec:
              tier: Admin
              priority: 10
              subject: \(subject)
              egress:
              - {name: resolvers, action: Accept, to: [{networks: [10.9.0.52/30]}]}
              \(extra)
              - {name: names, action: Accept, to: [{domainNames: \(names)}]}
              - {name: rest, action: Deny, to: [{networks: [0.0.0.0/0, '::/0']}]}
            ---

            """)
    }
}
