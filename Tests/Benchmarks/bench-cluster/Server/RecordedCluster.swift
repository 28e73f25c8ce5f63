/// A cluster as large as the options say, in the JSON that an API server would send, made up
/// anew at each request: kept, it would be the benchmark's own gigabyte.
struct RecordedCluster: Sendable {
    let pods: Int
    let policies: Int
    /// Pods on the measured node, spread over the deployments.
    let localPods: Int

    static let node = "node-0"
    static let resourceVersion = 1_000_000
    private static let replicas = 20
    private static let namespaces = 1_000
    private static let serviceEvery = 3

    /// Deployments: replicas share labels, a namespace, and mostly a policy.
    var deployments: Int { max(1, pods / Self.replicas) }
    /// Where there are fewer policies than deployments, every so manieth deployment has one; where there are
    /// more, the rest are about deployments that have no pods.
    private var policySpacing: Int { max(1, deployments / policies) }
    var services: Int { deployments / Self.serviceEvery }

    static func namespace(_ deployment: Int) -> String { "team-\(deployment % namespaces)" }
    private static func application(_ deployment: Int) -> String { "application-\(deployment)" }

    /// Of so many pods, one is local.
    let localEvery: Int

    init(pods: Int, policies: Int, localPods: Int) {
        self.pods = pods
        self.policies = policies
        localEvery = max(1, pods / max(1, localPods))
        self.localPods = (pods - 1) / localEvery + 1
    }

    func isLocal(_ pod: Int) -> Bool { pod % localEvery == 0 }

    /// The policy about a local pod.
    func policy(ofLocalPod index: Int) -> Int {
        let deployment = index % localPods * localEvery / Self.replicas % deployments
        return deployment / policySpacing
    }

    private static let uidStart = "00000000-0000-4000-8000-"
    static func uid(_ pod: Int) -> String { uidStart + padded(pod) }
    static func index(ofUID uid: String) -> Int? {
        uid.hasPrefix(uidStart) ? Int(uid.dropFirst(uidStart.count)) : nil
    }

    private static func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }

    /// How many objects of a kind there are.
    func count(_ kind: RecordedKind) -> Int {
        switch kind {
        case .pods: pods
        case .namespaces: min(Self.namespaces, max(deployments, policies))
        case .nodes: max(1, pods / 100)
        case .services, .endpointSlices: services
        case .networkPolicies: policies
        }
    }

    /// One object. Kinds in lists have no `kind` and `apiVersion`, as the API server does it.
    func object(_ kind: RecordedKind, _ index: Int, version: Int = 1, port: Int = 443) -> String {
        switch kind {
        case .pods: pod(index, version: version)
        case .namespaces:
            "{\(Self.metadata("team-\(index)", nil, index, ["kubernetes.io/metadata.name": "team-\(index)"]))}"
        case .nodes:
            "{\(Self.metadata("node-\(index)", nil, index)),\"status\":{\"addresses\":[{\"type\":\"InternalIP\",\"address\":\"172.16.\(index / 250).\(index % 250 + 1)\"}]}}"
        case .services: service(index)
        case .endpointSlices: slice(index)
        case .networkPolicies: policy(index, port: port)
        }
    }

    private func pod(_ index: Int, version: Int) -> String {
        let deployment = index / Self.replicas % deployments
        let labels = [
            "app.kubernetes.io/name": Self.application(deployment), "pod-template-hash": "5d8f7c9b6",
            "tier": deployment % 3 == 0 ? "web" : "backend", "version": "v\(version)",
        ]
        let node = isLocal(index) ? Self.node : "node-\(1 + index % 1_000)"
        let address = Self.address(index)
        return """
            {\(Self.metadata("application-\(deployment)-5d8f7c9b6-\(index)", Self.namespace(deployment), index, labels)),\
            "spec":{"nodeName":"\(node)","serviceAccountName":"default","hostNetwork":false,"containers":[{"name":"main",\
            "image":"registry.example/team/application:1.2.3","ports":[{"name":"http","containerPort":8080,"protocol":"TCP"}],\
            "env":[\(Self.noise(12))],"resources":{"requests":{"cpu":"100m","memory":"128Mi"}}}],"tolerations":[\(Self.noise(2))]},\
            "status":{"phase":"Running","podIP":"\(address)","podIPs":[{"ip":"\(address)"}],\
            "conditions":[{"type":"Initialized","status":"True"},{"type":"Ready","status":"True"}],\
            "containerStatuses":[\(Self.noise(6))]}}
            """
    }

    /// Pods have 10.0.0.0/8 from 10.64.0.0 on.
    static func address(_ pod: Int) -> String {
        "10.\(64 + pod / 65_536).\(pod / 256 % 256).\(pod % 256)"
    }

    private func service(_ index: Int) -> String {
        let deployment = index * Self.serviceEvery
        return """
            {\(Self.metadata("service-\(deployment)", Self.namespace(deployment), index)),\
            "spec":{"clusterIP":"\(Self.clusterAddress(index))","clusterIPs":["\(Self.clusterAddress(index))"],\
            "type":"ClusterIP","ports":[{"name":"http","protocol":"TCP","port":80,"targetPort":"http"}],\
            "selector":{"app.kubernetes.io/name":"\(Self.application(deployment))"}}}
            """
    }

    private static func clusterAddress(_ index: Int) -> String { "10.32.\(index / 250).\(index % 250 + 1)" }

    private func slice(_ index: Int) -> String {
        let deployment = index * Self.serviceEvery
        let members = (0..<Self.replicas).map { deployment * Self.replicas + $0 }.filter { $0 < pods }
        let endpoints = members.map {
            "{\"addresses\":[\"\(Self.address($0))\"],\"conditions\":{\"ready\":true,\"serving\":true,\"terminating\":false}}"
        }
        let labels = ["kubernetes.io/service-name": "service-\(deployment)"]
        return """
            {\(Self.metadata("service-\(deployment)-abcde", Self.namespace(deployment), index, labels)),\
            "addressType":"IPv4","ports":[{"name":"http","protocol":"TCP","port":8080}],\
            "endpoints":[\(endpoints.joined(separator: ","))]}
            """
    }

    /// Each deployment's pods may speak to the next deployment, to all web pods of their own
    /// namespace, to the cluster's DNS, and to a block outside.
    private func policy(_ index: Int, port: Int) -> String {
        let deployment = index * policySpacing
        let next = (deployment + 1) % deployments
        return """
            {\(Self.metadata("policy-\(index)", Self.namespace(deployment), index)),"spec":{\
            "podSelector":{"matchLabels":{"app.kubernetes.io/name":"\(Self.application(deployment))"}},\
            "policyTypes":["Egress"],"egress":[\
            {"to":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"\(Self.namespace(next))"}},\
            "podSelector":{"matchLabels":{"app.kubernetes.io/name":"\(Self.application(next))"}}}],\
            "ports":[{"protocol":"TCP","port":"http"}]},\
            {"to":[{"podSelector":{"matchLabels":{"tier":"web"}}}]},\
            {"to":[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"team-0"}}}],"ports":[{"protocol":"UDP","port":53}]},\
            {"to":[{"ipBlock":{"cidr":"203.0.\(index % 256).0/24","except":["203.0.\(index % 256).64/26"]}}],\
            "ports":[{"protocol":"TCP","port":\(port)}]}]}}
            """
    }

    private static func metadata(
        _ name: String, _ namespace: String?, _ index: Int, _ labels: [String: String] = [:]
    ) -> String {
        let place = namespace.map { "\"namespace\":\"\($0)\"," } ?? ""
        let texts = labels.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }
        return """
            "metadata":{"name":"\(name)",\(place)"uid":"\(uid(index))","resourceVersion":"\(index + 1)",\
            "creationTimestamp":"2026-01-01T00:00:00Z","labels":{\(texts.joined(separator: ","))},\(managedFields)}
            """
    }

    /// What nobody reads, of which a real list has plenty.
    private static func noise(_ count: Int) -> String {
        String(noiseEntries.prefix(count * noiseEntry.utf8.count + count - 1))
    }

    private static let noiseEntry =
        #"{"name":"SETTING","value":"some text of a length that is usual","optional":false}"#
    private static let noiseEntries = Array(repeating: noiseEntry, count: 20).joined(separator: ",")
    private static let managedFields = """
        "managedFields":[{"manager":"kube-controller-manager","operation":"Update","apiVersion":"v1",\
        "time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{\(
            (0..<30).map { "\"f:field\($0)\":{\"f:inner\":{},\"k:{\\\"name\\\":\\\"main\\\"}\":{}}" }.joined(separator: ","))}}]
        """
}

/// The kinds that the agent asks for, by the last part of their path.
enum RecordedKind: String, Sendable, CaseIterable {
    case pods, namespaces, nodes, services
    case endpointSlices = "endpointslices"
    case networkPolicies = "networkpolicies"

    var kind: String {
        switch self {
        case .pods: "Pod"
        case .namespaces: "Namespace"
        case .nodes: "Node"
        case .services: "Service"
        case .endpointSlices: "EndpointSlice"
        case .networkPolicies: "NetworkPolicy"
        }
    }

    var apiVersion: String {
        switch self {
        case .pods, .namespaces, .nodes, .services: "v1"
        case .endpointSlices: "discovery.k8s.io/v1"
        case .networkPolicies: "networking.k8s.io/v1"
        }
    }
}
