import FoundationEssentials
import Glibc
import TestHarness
import Testing

/// The tool's commands that read what an agent pinned.
@Suite struct ToolOnNodeTests {
    static let commands = [
        ["status"], ["pods"], ["policies"], ["policies", "shop/some-long-name-0"], ["maps", "pods"],
        ["maps", "addresses"], ["maps", "rules"], ["maps", "ports"],
        ["maps", "replies"], ["maps", "config"], ["maps", "pod", "shop/web"],
        ["explain", "shop/web", "--to", "203.0.113.7:443"],
    ]

    /// Long names, many labels and several policies: rows that must wrap.
    func ready(_ lab: AgentLab) throws {
        lab.makeCgroup("web")
        let labels = (0..<8).map { "example.org/label-\($0): value-\($0)" }
        try lab.write(
            "pods.yaml", lab.pod("web", "10.9.0.1") + lab.pod("db", "10.9.0.2", labels: labels.joined(separator: ", ")))
        for number in 0..<4 {
            try lab.write(
                "policy-\(number).yaml",
                """
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: some-long-name-\(number), namespace: shop}
                spec:
                  podSelector: {}
                  policyTypes: [Egress]
                  egress:
                  - to: [{podSelector: {matchLabels: {name: db}}}]
                    ports: [{port: \(5432 + number)}, {port: 8000, endPort: 8100, protocol: UDP}]
                """)
        }
    }

    @Test("every command prints for people and programs") func everyCommandPrintsForPeopleAndPrograms() async throws {
        try await AgentLab.with { lab in
            try ready(lab)
            let agent = try await lab.start()
            try await lab.settled()
            lab.makeCgroup("db")
            try await eventually("all is well") { try await lab.tool("status").status == 0 }
            for command in Self.commands {
                let json = try await Programs.run("sluice", command + lab.places + ["-o", "json"])
                #expect(json.status == 0 && json.err == "", "\(command): \(json.err)")
                let object = try? JSONDecoder().decode(Anything.self, from: Data(json.out.utf8))
                #expect(object != nil, "\(command) prints JSON: \(json.out)")
                let table = try await Programs.run("sluice", command + lab.places)
                #expect(table.status == 0 && table.err == "", "\(command): \(table.err)")
                let narrow = try await Programs.run(
                    "/usr/bin/env", ["COLUMNS=100", Programs.path("sluice")] + command + lab.places)
                for line in narrow.out.split(separator: "\n") where line.count > 100 {
                    Issue.record("\(command): \(line.count) columns: \(line)")
                }
            }
            // The same answers when the agent is gone.
            let before = try await lab.tool("explain", "shop/web", "--to", "10.9.0.2:5433")
            #expect(before.out.hasPrefix("ALLOW  shop/web to 10.9.0.2 port 5433 TCP\n"), "\(before.out)")
            #expect(before.out.contains("allowed by policy shop/some-long-name-1, egress rule 0"))
            agent.signal(SIGTERM)
            #expect(try await agent.ended(within: 10) == 0)
            let after = try await lab.tool("explain", "shop/web", "--to", "10.9.0.2:5433")
            #expect(after.status == 0)
            #expect(after.out == before.out.replacing("agent running", with: "agent not running"))
            #expect(after.err.contains("sluiced does not run"))
        }
    }

    @Test("explain tells who decides") func explainTellsWhoDecides() async throws {
        try await AgentLab.with { lab in
            try ready(lab)
            _ = try await lab.start()
            try await lab.settled()
            for (to, verdict, says) in [
                ("203.0.113.7:443", "DENY", "none of their rules allows it"),
                ("10.9.0.2:8050/udp", "ALLOW", "egress rule 0"),
                ("10.9.0.2:8101/udp", "DENY", "none of their rules"), ("10.9.0.2/icmp", "DENY", "none of their rules"),
                ("169.254.169.254:80", "DENY", "guarded: imds"), ("10.9.0.1:1", "ALLOW", "it is the pod itself"),
            ] {
                let told = try await lab.tool("explain", "shop/web", "--to", to)
                #expect(told.status == 0 && told.out.hasPrefix("\(verdict)  shop/web"), "\(to): \(told)")
                let words = told.out.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                #expect(words.contains(says), "\(to): \(told.out)")
            }
            let waiting = try await lab.tool("explain", "shop/db", "--to", "10.9.0.1:80")
            #expect(waiting.status == 1 && waiting.err.contains("its cgroup has not been found"))
            let unknown = try await lab.tool("explain", "shop/none", "--to", "10.9.0.1:80")
            #expect(
                unknown.status == 2 && unknown.err.contains("no pod shop/none on node lab; there are shop/db, shop/web")
            )
            let unread = try await lab.tool("explain", "web", "--to", "10.9.0.1:80")
            #expect(unread.status == 2 && unread.err.contains("namespace/name"))
        }
    }

    @Test("G: without a terminal a pod is one line, whatever its notes; explain takes services and pods by name")
    func rowsAndNames() async throws {
        try await AgentLab.with { lab in
            try ready(lab)
            try lab.write(
                "host.yaml", lab.pod("exporter", "192.0.2.9").replacing("spec: {", with: "spec: {hostNetwork: true, "))
            try lab.write(
                "service.yaml",
                """
                apiVersion: v1
                kind: Service
                metadata: {name: sql, namespace: shop}
                spec: {clusterIP: 10.96.0.2, selector: {name: db}, ports: [{name: sql, port: 3306, targetPort: 5432}]}
                """)
            _ = try await lab.start()
            try await lab.settled()
            let pods = try await lab.tool("pods")
            let rows = pods.out.split(separator: "\n").dropFirst()
            #expect(rows.count == 3 && rows.allSatisfy { $0.hasPrefix("shop/") }, "\(pods.out)")
            #expect(rows.contains { $0.contains("host network") }, "\(pods.out)")
            for (to, says) in [
                ("shop/sql:sql", "ALLOW  shop/web to service shop/sql port 3306 TCP\n"),
                ("shop/sql:3306/tcp", "10.96.0.2: allow; it is service shop/sql"),
                ("shop/db:8050/udp", "ALLOW  shop/web to pod shop/db port 8050 UDP\n"),
                ("shop/db:22", "DENY  shop/web to pod shop/db port 22 TCP\n"),
            ] {
                let told = try await lab.tool("explain", "shop/web", "--to", to)
                #expect(told.status == 0 && told.out.contains(says), "\(to): \(told)")
            }
            for (to, says) in [
                ("shop/none:80", "there is no service and no pod of that name"),
                ("shop/sql:80", "its ports: sql (3306/TCP)"),
                ("shop/sql", "the port is missing; write NAMESPACE/SERVICE:PORT"),
            ] {
                let told = try await lab.tool("explain", "shop/web", "--to", to)
                #expect(told.status == 2 && told.err.contains(says), "\(to): \(told)")
            }
        }
    }

    @Test("G: status shows the posture, and nothing is called in force beside programs that are detached")
    func detached() async throws {
        try await AgentLab.with { lab in
            lab.makeCgroup("web")
            try lab.write("pods.yaml", lab.pod("web", "10.9.0.1") + lab.policy("out", blocks: ["198.51.100.0/24"]))
            let agent = try await lab.start(["--startup-posture", "hold"])
            try await lab.settled()
            try await eventually("the report") { try await lab.tool("policies").out.contains("yes") }
            let well = try await lab.tool("status")
            #expect(well.out.contains("\nposture        hold: "), "\(well.out)")
            agent.signal(SIGTERM)
            _ = try await agent.ended(within: 10)
            let away = try await lab.tool("status")
            #expect(away.out.contains("sluiced does not run; what it enforced last stays in force"), "\(away.out)")
            try await lab.detachEverything()
            let status = try await lab.tool("status")
            #expect(status.status == 1 && !status.out.contains("stays in force"), "\(status.out)")
            #expect(
                status.out.contains("sluiced does not run, and nothing is in force")
                    && status.out.contains("is detached"))
            for command in [["policies"], ["pods"], ["explain", "shop/web", "--to", "10.9.0.2:80"]] {
                let told = try await Programs.run("sluice", command + lab.places)
                #expect(told.err.contains("NOT IN FORCE") && !told.err.contains("goes on"), "\(command): \(told)")
            }
            let explained = try await lab.tool("explain", "shop/web", "--to", "10.9.0.2:80")
            #expect(
                explained.out.hasPrefix("DENY (NOT IN FORCE)  shop/web to 10.9.0.2 port 80 TCP"), "\(explained.out)")
            let policies = try await lab.tool("policies", "-o", "json")
            #expect(
                policies.out.contains("\"inForce\" : \"no\"") && !policies.out.contains("\"inForce\" : \"yes\""),
                "\(policies.out)")
        }
    }

    @Test("a pod's allow map names who ports and why") func aPodsAllowMapNamesWhoPortsAndWhy() async throws {
        try await AgentLab.with { lab in
            lab.makeCgroup("web")
            try lab.write("pods.yaml", lab.pod("web", "10.9.0.1"))
            try lab.write("policy.yaml", lab.policy("out", blocks: ["198.51.100.0/24"]))
            _ = try await lab.start()
            try await lab.settled()
            try await eventually("the map is whole") {
                let map = try await lab.tool("maps", "pod", "shop/web", "-o", "json")
                return map.status == 0 && map.out.contains("\"destination\" : \"block 198.51.100.0/24\"")
                    && map.out.contains("allowed by policy shop/out, egress rule 0")
                    && map.out.contains("any other address") && map.out.contains("imds")
            }
            let unknown = try await lab.tool("maps", "pod", "shop/none")
            #expect(unknown.status == 2)
        }
    }

    @Test("a snapshot that cannot be read costs names alone")
    func aSnapshotThatCannotBeReadCostsNamesAlone() async throws {
        try await AgentLab.with { lab in
            lab.makeCgroup("web")
            try lab.write("pods.yaml", lab.pod("web", "10.9.0.1"))
            let agent = try await lab.start()
            try await lab.settled()
            agent.signal(SIGKILL)
            _ = try await agent.ended(within: 10)
            try lab.files.write("state/state.json", "{\"agent\":")
            let pods = try await lab.tool("maps", "pods")
            #expect(pods.status == 0 && pods.out.contains("cgroup "), "\(pods)")
            #expect(pods.err.contains("cannot be read, so names are missing"))
            let explain = try await lab.tool("explain", "shop/web", "--to", "10.9.0.2:80")
            #expect(explain.status == 1 && explain.err.contains("start sluiced"))
        }
    }
}

/// Whatever JSON holds.
private struct Anything: Decodable {
    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Key.self) {
            for key in object.allKeys { _ = try object.decode(Anything.self, forKey: key) }
        } else if var list = try? decoder.unkeyedContainer() {
            while !list.isAtEnd { _ = try list.decode(Anything.self) }
        } else {
            let single = try decoder.singleValueContainer()
            guard
                single.decodeNil() || (try? single.decode(Bool.self)) != nil
                    || (try? single.decode(Double.self)) != nil || (try? single.decode(String.self)) != nil
            else { throw Unexpected("no JSON value") }
        }
    }
}
