// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target: Swift 6 mode comes from the tools version.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// The version of this build. The Makefile asks git; other builds are called like the release.
let version = Context.environment["SLUICE_VERSION"] ?? "0.1.0"

// The targets stand in the order in which data flows through them.
let package = Package(
    name: "sluice",
    products: [
        .executable(name: "sluiced", targets: ["sluiced"]),
        .executable(name: "sluice", targets: ["sluice"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    ],
    targets: [
        // Pure: values in, values out. No C, no I/O, no clock.
        .target(name: "PolicyModel", swiftSettings: strict),
        .target(name: "VerdictTables", dependencies: ["PolicyModel"], swiftSettings: strict),
        .target(
            name: "PolicyCompiler", dependencies: ["PolicyModel", "VerdictTables"],
            swiftSettings: strict),

        .target(
            name: "Linting", dependencies: ["PolicyModel", "PolicyCompiler", "VerdictTables"],
            swiftSettings: strict),
        .target(name: "Flows", dependencies: ["PolicyModel"], swiftSettings: strict),
        .target(name: "DNSMessages", dependencies: ["PolicyModel"], swiftSettings: strict),
        .target(
            name: "Learning", dependencies: ["Flows", "PolicyModel", "PolicyCompiler", "VerdictTables"],
            swiftSettings: strict),

        // What is counted and measured, as Prometheus reads it.
        .target(
            name: "PrometheusMetrics",
            dependencies: [.product(name: "CoreMetrics", package: "swift-metrics")], swiftSettings: strict),

        // What Linux gives a process: files, watches, threads, child processes.
        .target(
            name: "LinuxBase",
            dependencies: [.product(name: "SystemPackage", package: "swift-system")], swiftSettings: strict),

        // From text to the model.
        .systemLibrary(
            name: "CLibyaml", pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"])]),
        .target(
            name: "KubernetesObjects", dependencies: ["CLibyaml", "PolicyModel"], swiftSettings: strict),
        .target(
            name: "ManifestSource",
            dependencies: [
                "PolicyModel", "KubernetesObjects", "LinuxBase",
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: strict),
        .target(
            name: "KubernetesClient",
            dependencies: [
                "KubernetesObjects", "LinuxBase", "PolicyModel",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: strict),
        .target(
            name: "KubernetesSource",
            dependencies: [
                "PolicyModel", "KubernetesObjects", "KubernetesClient",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),

        // From tables to the kernel.
        .systemLibrary(name: "CSluice", path: "bpf/include"),
        .systemLibrary(
            name: "CLibbpf", pkgConfig: "libbpf",
            providers: [.apt(["libbpf-dev", "libelf-dev"])]),
        .target(name: "CSluiceObject"),
        .target(name: "CLibbpfShim", dependencies: ["CLibbpf"]),
        .target(name: "CLastWords"),
        .target(
            name: "KernelDatapath",
            dependencies: [
                "PolicyModel", "VerdictTables", "CSluice", "CLibbpf", "CLibbpfShim", "CLastWords",
                "CSluiceObject", "LinuxBase",
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: strict),

        // What can be set about the agent, and the file that sets it.
        .target(
            name: "AgentConfiguration",
            dependencies: [
                "PolicyModel", "PolicyCompiler", "VerdictTables", "KubernetesObjects", "KernelDatapath",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .target(name: "CBuildInfo", cSettings: [.define("SLUICE_VERSION", to: "\"\(version)\"")]),
        // What the agent and the tool share: reports in the state directory, recorded flows, and the clients of
        // the agent's sockets. Neither NIO nor metrics.
        .target(
            name: "AgentAPI",
            dependencies: [
                "AgentConfiguration", "CBuildInfo", "PolicyModel", "VerdictTables", "Flows", "LinuxBase",
                "KernelDatapath",
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: strict),

        // The agent, and the tool for people.
        .target(name: "CProcessMemory"),
        .target(
            name: "Agent",
            dependencies: [
                "AgentAPI", "AgentConfiguration", "CProcessMemory", "CLastWords", "LinuxBase",
                "PolicyModel", "PolicyCompiler", "VerdictTables", "Flows", "DNSMessages",
                "KubernetesObjects", "ManifestSource", "KubernetesClient", "KubernetesSource", "KernelDatapath",
                "PrometheusMetrics",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "sluiced",
            dependencies: [
                "Agent", "AgentAPI", "AgentConfiguration", "LinuxBase", "PolicyModel",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "sluice",
            dependencies: [
                "AgentAPI", "AgentConfiguration", "Learning", "Linting", "PolicyModel", "PolicyCompiler",
                "VerdictTables", "Flows", "KubernetesClient", "KubernetesObjects", "KubernetesSource", "LinuxBase",
                "ManifestSource",
                "KernelDatapath",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: strict),

        // Real packets for tests, benchmarks and the demo: namespaces, cgroups, pod processes.
        .systemLibrary(name: "CPacketLab", path: "Tests/CPacketLab"),
        .target(
            name: "PacketLab",
            dependencies: [
                "LinuxBase", "PolicyModel", "CPacketLab",
                .product(name: "SystemPackage", package: "swift-system"),
            ], path: "Tests/PacketLab", swiftSettings: strict),
        .executableTarget(
            name: "packet-agent", dependencies: ["PacketLab", "PolicyModel", "CPacketLab"],
            path: "Tests/packet-agent", swiftSettings: strict),

        // What the running kernel has, for the table of kernels.
        .executableTarget(
            name: "kernel-features", dependencies: ["KernelDatapath"],
            path: "Tests/Matrix/kernel-features", swiftSettings: strict),
        // The agent with another number of the layout, for upgrades under test.
        .executableTarget(
            name: "other-layout",
            dependencies: ["Agent", "AgentConfiguration", .product(name: "Logging", package: "swift-log")],
            path: "Tests/other-layout", swiftSettings: strict),

        // What a packet costs, beside other ways to judge it; what a large cluster costs.
        .target(
            name: "BenchmarkSupport", path: "Tests/Benchmarks/BenchmarkSupport", swiftSettings: strict),
        .executableTarget(
            name: "bench-cluster",
            dependencies: [
                "Agent", "AgentAPI", "AgentConfiguration", "BenchmarkSupport", "CLibbpf", "KernelDatapath",
                "KubernetesClient", "KubernetesObjects", "PacketLab", "PolicyCompiler", "PolicyModel", "TestHarness",
                "VerdictTables", "packet-agent",
                "sluiced",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Tests/Benchmarks/bench-cluster", swiftSettings: strict),
        .executableTarget(
            name: "bench-datapath",
            dependencies: [
                "BenchmarkSupport", "CLibbpf", "KernelDatapath", "PacketLab", "PolicyCompiler", "PolicyModel",
                "TestHarness", "VerdictTables", "packet-agent",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Tests/Benchmarks/bench-datapath", swiftSettings: strict),
        .executableTarget(
            name: "bench-report",
            dependencies: [
                "BenchmarkSupport", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Tests/Benchmarks/bench-report", swiftSettings: strict),

        // Pure tests need nothing; kernel tests need root and send real packets.
        .testTarget(name: "PolicyModelTests", dependencies: ["PolicyModel"], swiftSettings: strict),
        .testTarget(
            name: "KubernetesObjectsTests", dependencies: ["KubernetesObjects", "PolicyModel"],
            swiftSettings: strict),
        .testTarget(
            name: "ManifestSourceTests",
            dependencies: [
                "ManifestSource", "LinuxBase", "KubernetesObjects", "PolicyModel",
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: strict),
        .testTarget(
            name: "KubernetesClientTests",
            dependencies: [
                "KubernetesClient", "PolicyModel", "TestHarness",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ], swiftSettings: strict),
        .testTarget(
            name: "KubernetesSourceTests",
            dependencies: [
                "KubernetesSource", "KubernetesClient", "KubernetesObjects", "PolicyModel", "TestHarness",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .testTarget(
            name: "VerdictTablesTests", dependencies: ["VerdictTables", "PolicyModel"],
            swiftSettings: strict),
        .testTarget(
            name: "DNSMessagesTests", dependencies: ["DNSMessages"], swiftSettings: strict),
        .testTarget(name: "FlowsTests", dependencies: ["Flows", "PolicyModel"], swiftSettings: strict),
        .testTarget(
            name: "LearningTests",
            dependencies: [
                "Learning", "Flows", "ManifestSource", "PolicyCompiler", "PolicyModel", "TestHarness",
                "VerdictTables",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "LintingTests",
            dependencies: ["Linting", "PolicyCompiler", "PolicyModel"], swiftSettings: strict),
        .testTarget(
            name: "PrometheusMetricsTests",
            dependencies: [
                "PrometheusMetrics", .product(name: "CoreMetrics", package: "swift-metrics"),
            ], swiftSettings: strict),
        .testTarget(
            name: "PolicyCompilerTests",
            dependencies: ["Linting", "PolicyCompiler", "VerdictTables", "PolicyModel", "TestHarness"],
            swiftSettings: strict),
        .testTarget(
            name: "KernelDatapathTests",
            dependencies: [
                "KernelDatapath", "VerdictTables", "PolicyModel", "CSluice", "CLibbpf", "DNSMessages", "LinuxBase",
            ], exclude: ["bpf"], swiftSettings: strict),
        .testTarget(
            name: "PacketLabTests", dependencies: ["PacketLab", "PolicyModel", "packet-agent"],
            swiftSettings: strict),
        .testTarget(
            name: "BenchmarkSupportTests", dependencies: ["BenchmarkSupport"], swiftSettings: strict),
        .target(
            name: "TestHarness",
            dependencies: ["LinuxBase", .product(name: "SystemPackage", package: "swift-system")],
            path: "Tests/TestHarness", swiftSettings: strict),
        .testTarget(
            name: "AgentTests",
            dependencies: [
                "Agent", "AgentAPI", "AgentConfiguration", "sluiced", "sluice", "TestHarness", "Flows",
                "KernelDatapath", "KubernetesClient", "LinuxBase", "ManifestSource", "PrometheusMetrics",
                "PolicyCompiler", "PolicyModel", "VerdictTables", "CSluice",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: strict),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "AgentAPI", "sluice", "sluiced", "TestHarness", "ManifestSource", "PolicyCompiler", "PolicyModel",
                "VerdictTables",
            ], swiftSettings: strict),
        .testTarget(
            name: "KernelCasesTests",
            dependencies: [
                "KernelDatapath", "ManifestSource", "PacketLab", "PolicyCompiler", "PolicyModel",
                "VerdictTables", "packet-agent",
            ], swiftSettings: strict),
        .testTarget(
            name: "EnforcementTests",
            dependencies: [
                "Agent", "AgentAPI", "AgentConfiguration", "Flows", "PacketLab", "PolicyModel", "PolicyCompiler",
                "VerdictTables", "KernelDatapath", "TestHarness", "other-layout", "packet-agent", "sluiced", "sluice",
            ], exclude: ["Faults/build-revision", "Metrics/alerts", "Names/Clients"], swiftSettings: strict),
        // A real API server, the agent under its own service account, real packets.
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "PacketLab", "PolicyModel", "VerdictTables", "KernelDatapath", "TestHarness", "packet-agent",
                "sluiced", "sluice",
            ], path: "Tests/EndToEnd", exclude: ["control-plane"], swiftSettings: strict),
    ],
    cLanguageStandard: .c2x
)

// The fuzzer needs every target built with coverage; Tests/Fuzz/run sees to that. Of the client it takes
// what reads files, without the network below it.
if Context.environment["SLUICE_FUZZ"] != nil {
    let read = ["PolicyModel", "VerdictTables", "Flows", "LinuxBase", "KubernetesObjects", "KernelDatapath"]
    let theirs = ["CSluice", "CLibbpf", "CLibyaml", "CSluiceObject", "CLibbpfShim", "CLastWords"]
    package.targets.removeAll { !(read + theirs).contains($0.name) }
    package.products = []
    package.targets += [
        .target(
            name: "KubernetesClient",
            dependencies: [
                "KubernetesObjects", "LinuxBase", "PolicyModel",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            exclude: ["Credentials/AccessStore.swift"],
            sources: [
                "APIError.swift", "Answers", "Configuration", "Credentials", "Text/Base64.swift",
                "Text/Timestamp+Now.swift",
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "CSluice", "Flows", "KernelDatapath", "KubernetesClient", "KubernetesObjects", "PolicyModel",
            ], path: "Tests/Fuzz", exclude: ["run", "corpus"],
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]),
    ]
}
