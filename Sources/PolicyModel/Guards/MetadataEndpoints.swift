/// A row of the table of metadata endpoints.
public struct MetadataEndpoint: Hashable, Sendable {
    public var guarded: Guard
    /// Whether it is blocked unless the configuration says otherwise: it hands
    /// out credentials of the node.
    public var byDefault: Bool
    /// Who serves it, and what.
    public var purpose: String
    /// Where that is written down.
    public var source: String

    private init(
        _ name: String, _ destinations: [String], ports: Guard.Ports = .all, byDefault: Bool = true,
        _ purpose: String, source: String
    ) {
        guarded = Guard(name: name, destinations: destinations.compactMap(Prefix.init(addressOrBlock:)), ports: ports)
        self.byDefault = byDefault
        self.purpose = purpose
        self.source = source
    }

    /// The one list. Configuration adds rows to it, switches rows on and off.
    public static let table: [MetadataEndpoint] = [
        MetadataEndpoint(
            "imds", ["169.254.169.254/32"], ports: .allExcept([53]),
            "Instance metadata of AWS, Azure, Google, OpenStack and most others; port 53 is DNS on Google",
            source: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html"),
        MetadataEndpoint(
            "aws-imds-ipv6", ["fd00:ec2::254"],
            "AWS instance metadata over IPv6",
            source: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html"),
        MetadataEndpoint(
            "aws-ecs", ["169.254.170.2"],
            "AWS ECS task credentials",
            source: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html"),
        MetadataEndpoint(
            "alibaba", ["100.100.100.200"],
            "Alibaba Cloud instance metadata",
            source: "https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata"),
        MetadataEndpoint(
            "azure-wireserver", ["168.63.129.16"], ports: .tcp([80...80, 32526...32526]),
            "Azure WireServer; its DNS and health probes stay open",
            source: "https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16"),
        MetadataEndpoint(
            "scaleway", ["169.254.42.42", "fd00:42::42"],
            "Scaleway instance metadata",
            source: "https://docs.cloud-init.io/en/latest/reference/datasources/scaleway.html"),
        MetadataEndpoint(
            "tencent", ["169.254.0.23"],
            "Tencent Cloud instance metadata",
            source: "https://www.tencentcloud.com/document/product/213/4934"),
        MetadataEndpoint(
            "oracle", ["192.0.0.192", "fd00:c1::a9fe:a9fe"],
            "Oracle Cloud instance metadata",
            source: "https://docs.oracle.com/iaas/Content/Compute/Tasks/gettingmetadata.htm"),
        MetadataEndpoint(
            "google-ipv6", ["fd20:ce::254"],
            "Google Compute Engine metadata over IPv6",
            source: "https://cloud.google.com/compute/docs/metadata/querying-metadata"),
        MetadataEndpoint(
            "openstack-ipv6", ["fe80::a9fe:a9fe"],
            "OpenStack Nova metadata over IPv6",
            source: "https://docs.openstack.org/nova/latest/user/metadata.html"),
        MetadataEndpoint(
            "akamai-ipv6", ["fd00:a9fe:a9fe::1"],
            "Akamai (Linode) metadata over IPv6",
            source: "https://techdocs.akamai.com/cloud-computing/docs/metadata-service-api"),
        MetadataEndpoint(
            "gke-metadata", ["169.254.169.252"], ports: .tcp([987...988]),
            "GKE's metadata server on the node",
            source: "https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity"),

        MetadataEndpoint(
            "eks-pod-identity", ["169.254.170.23", "fd00:ec2::23"], byDefault: false,
            "EKS Pod Identity: the pod's own credentials, not the node's",
            source: "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html"),
        MetadataEndpoint(
            "aws-dns", ["169.254.169.253", "fd00:ec2::253"], byDefault: false,
            "AWS DNS resolver",
            source: "https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html"),
        MetadataEndpoint(
            "aws-ntp", ["169.254.169.123", "fd00:ec2::123"], byDefault: false,
            "AWS time service",
            source: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/set-time.html"),
        MetadataEndpoint(
            "node-local-dns", ["169.254.20.10"], byDefault: false,
            "Kubernetes' node-local DNS cache",
            source: "https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/"),
    ]

    /// The guards in force when the configuration says nothing.
    public static let defaultGuards = table.filter(\.byDefault).map(\.guarded)
}
