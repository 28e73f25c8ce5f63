import PolicyCompiler
import PolicyModel
import Testing
import VerdictTables

@Suite struct GuardTests {
    static let open = [
        pod("n/p", "10.0.0.1"), policy("n/open", rule(), rule(1, to: [block("0.0.0.0/0"), block("::/0")])),
    ]

    /// The design's list, written out again.
    @Test(
        "no policy opens a guard",
        arguments: [
            ("169.254.169.254", 80, 6, .guard), ("169.254.169.254", 53, 6, .allow), ("169.254.169.254", 53, 17, .allow),
            ("169.254.169.254", 53, 132, .guard), ("169.254.169.254", 0, 1, .guard), ("169.254.169.253", 80, 6, .allow),
            ("169.254.169.255", 80, 6, .allow), ("fd00:ec2::254", 80, 6, .guard), ("169.254.170.2", 80, 6, .guard),
            ("100.100.100.200", 80, 6, .guard), ("168.63.129.16", 80, 6, .guard), ("168.63.129.16", 32526, 6, .guard),
            ("168.63.129.16", 32525, 6, .allow), ("168.63.129.16", 53, 17, .allow), ("168.63.129.16", 80, 17, .allow),
            ("169.254.42.42", 80, 6, .guard), ("fd00:42::42", 80, 6, .guard), ("169.254.0.23", 80, 6, .guard),
            ("192.0.0.192", 80, 6, .guard), ("fd00:c1::a9fe:a9fe", 80, 6, .guard), ("fd20:ce::254", 80, 6, .guard),
            ("fe80::a9fe:a9fe", 80, 6, .guard), ("fd00:a9fe:a9fe::1", 80, 6, .guard),
            ("169.254.169.252", 986, 6, .allow), ("169.254.169.252", 987, 6, .guard),
            ("169.254.169.252", 988, 6, .guard),
            ("169.254.169.252", 989, 6, .allow),
            ("169.254.170.23", 80, 6, .allow), ("fd00:ec2::23", 80, 6, .allow), ("169.254.169.123", 123, 17, .allow),
            ("169.254.20.10", 53, 17, .allow),
            ("64:ff9b::a9fe:a9fe", 80, 6, .guard), ("64:ff9b::a9fe:a9fe", 53, 17, .allow),
            ("2002:a9fe:a9fe::1", 80, 6, .guard), ("2002:a9fe:a9ff::1", 80, 6, .allow),
            ("64:ff9b::a83f:8110", 80, 6, .guard),
        ] as [(String, UInt16, UInt8, Action)])
    func noPolicyOpensAGuard(address: String, port: UInt16, number: UInt8, expected: Action) throws {
        let cluster = SmallCluster(
            Self.open + [pod("m/free", "10.0.0.2"), pod("m/host", "192.0.2.1", hostNetwork: true)])
        for pod in ["n/p", "m/free", "m/host"] {
            #expect(try cluster.action(pod, to: address, port, protocol: number) == expected)
        }
    }

    @Test("exemptions are by namespace account and labels") func exemptionsAreByNamespaceAccountAndLabels() throws {
        let options = CompilerOptions(exemptions: [
            GuardExemption(namespace: "kube-system", serviceAccount: "csi"),
            GuardExemption(namespace: "kube-system", podSelector: LabelSelector(matchLabels: ["app": "cni"])),
        ])
        let cluster = SmallCluster(
            [
                pod("kube-system/csi", "10.0.0.1", account: "csi"),
                pod("kube-system/cni", "10.0.0.2", labels: ["app": "cni"]),
                pod("kube-system/other", "10.0.0.3"), pod("n/csi", "10.0.0.4", labels: ["app": "cni"], account: "csi"),
                pod("kube-system/host", "192.0.2.1", hostNetwork: true, account: "csi"),
                policy("kube-system/none", on: ["app": "cni"]),
            ], options: options)
        #expect(try cluster.action("kube-system/csi", to: "169.254.169.254", 80) == .allowGuarded)
        #expect(try cluster.action("kube-system/host", to: "169.254.169.254", 80) == .allowGuarded)
        #expect(try cluster.cause("kube-system/csi", to: "169.254.169.254", 80) == .exempted("imds"))
        #expect(try cluster.action("kube-system/csi", to: "169.254.169.254", 53) == .allow)
        #expect(try cluster.action("kube-system/cni", to: "169.254.169.254", 80) == .deny)
        #expect(try cluster.action("kube-system/other", to: "169.254.169.254", 80) == .guard)
        #expect(try cluster.action("n/csi", to: "169.254.169.254", 80) == .guard)
    }

    @Test("unknown pods meet the guards") func unknownPodsMeetTheGuards() throws {
        let tables = SmallCluster().compiler.tables
        let metadata = IPAddress("169.254.169.254")!
        #expect(try tables.judge(.guardsOnly, to: metadata, protocol: 6, port: 80).decision.action == .guard)
        #expect(
            try tables.judge(.guardsOnly, to: IPAddress("192.0.2.1")!, protocol: 6, port: 80).decision.action == .allow)
    }
}
