import FoundationEssentials
import PacketLab
import Testing

/// What is shipped is what a server accepts, and confines the agent.
extension EndToEnd {
    @Suite(.serialized) struct ManifestTests {
        let controlPlane: ControlPlane

        init() throws { controlPlane = try Cluster.current.controlPlane }

        @Test("A server accepts every kustomization, each component with the base")
        func kustomizations() throws {
            try controlPlane.define([.podMonitor, .prometheusRule])
            let all = try Kustomization.all()
            #expect(all.contains { $0.path == "manifests" } && all.contains(where: \.isComponent))
            for kustomization in all {
                let folder = try kustomization.applicable(in: controlPlane.directory)
                let (status, output) = try controlPlane.run(["apply", "--dry-run=server", "-k", folder])
                #expect(status == 0, "\(kustomization): \(output)")
                #expect(!output.contains("Warning"), "\(kustomization): \(output)")
            }
        }

        @Test("With the PodMonitor the agents listen where it looks, and dashboards are found by their label")
        func monitoring() throws {
            func built(_ component: String) throws -> String {
                let kustomization = Kustomization(path: "manifests/components/\(component)", isComponent: true)
                return try controlPlane.kubectl(
                    "kustomize", kustomization.applicable(in: controlPlane.directory))
            }
            let scraped = try built("podmonitor")
            #expect(scraped.contains("- --health-address=$(NODE_ADDRESS):7584"))
            #expect(scraped.contains("containerPort: 7584\n          name: health"))
            #expect(scraped.contains("port: health") && !scraped.contains("host: 127.0.0.1"))
            let dashboards = try built("dashboards")
            #expect(dashboards.split(separator: "\n").filter { $0 == "    grafana_dashboard: \"1\"" }.count == 2)
            #expect(
                dashboards.contains("  sluice-operation.json: |") && dashboards.contains("  sluice-security.json: |"))
        }

        @Test("A server accepts every example")
        func examples() throws {
            let folder = Repository.path("manifests/examples")
            let files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".yaml") }
            let text = try files.sorted().map {
                try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8)
            }.joined(separator: "\n---\n")
            for name in Self.namespaces(of: text) {
                _ = try controlPlane.run(["create", "namespace", name])
            }
            try controlPlane.kubectl("apply", "--dry-run=server", text: text)
        }

        @Test("The agent's container is confined")
        func confined() throws {
            let spec = try ContainerSpec(controlPlane, kustomization: Repository.path("manifests"))
            let container = try #require(spec.containers.first)
            #expect(spec.containers.count == 1 && spec.hostNetwork == true)
            #expect(container.securityContext.privileged == false)
            #expect(container.securityContext.readOnlyRootFilesystem)
            #expect(!container.securityContext.allowPrivilegeEscalation)
            let capabilities = container.securityContext.capabilities
            #expect(capabilities.drop == ["ALL"])
            #expect(capabilities.add.sorted() == ["BPF", "NET_ADMIN", "PERFMON", "SYS_RESOURCE"])
            let folders = Set(spec.volumes.compactMap(\.hostPath?.path))
            #expect(folders == ["/sys/fs/cgroup", "/sys/fs/bpf", "/run/sluice", "/var/lib/sluice"])
        }

        @Test("Another configuration is another ConfigMap, so that the agents roll")
        func configurationRolls() throws {
            let shipped = try controlPlane.kubectl("kustomize", Repository.path("manifests/base"))
            let folder = "\(controlPlane.directory)/edited"
            try FileManager.default.copyItem(atPath: Repository.path("manifests/base"), toPath: folder)
            let file = "\(folder)/config.yaml"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            try "\(text)\nstartupPosture: hold\n".write(toFile: file, atomically: false, encoding: .utf8)
            let edited = try controlPlane.kubectl("kustomize", folder)
            let names = [shipped, edited].map { text in
                text.split(separator: "\n").first { $0.contains("name: sluice-") && !$0.hasSuffix("-system") }
            }
            #expect(names[0] != nil && names[0] != names[1], "\(names)")
        }

        private static func namespaces(of text: String) -> Set<String> {
            Set(
                text.split(separator: "\n").compactMap { line in
                    let words = line.split(separator: " ")
                    return words.count == 2 && words[0] == "namespace:" ? String(words[1]) : nil
                })
        }
    }
}
