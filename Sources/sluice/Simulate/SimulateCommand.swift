import ArgumentParser
import PolicyModel

struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Computes verdicts from objects, without root or kernel.",
        discussion: """
            Objects are YAML or JSON files as kubectl takes them, or {"objects": […]}; of a
            directory all .yaml, .yml and .json files at any depth. Probes are a JSON array
            of {"pod": "ns/name", "to": "IP or name", "port": N, "protocol":
            "TCP|UDP|SCTP|ICMP", "expect": "allow|deny"}; expect is optional.

            A domain name is judged as if the pod had just resolved it to the addresses in
            a YAML or JSON file: api.example.com: [203.0.113.7]. It is allowed if all of
            them are. An address is judged as if the pod had not resolved it from a name.
            For a service or a pod, each address is judged.

            Exit status 1: a verdict is not the expected one. 2: the input has errors;
            an object with an error fails closed, and the rest is judged all the same.

            Examples:
              sluice simulate --objects cluster.yaml --probes probes.json
              sluice simulate --objects cluster/ --pod shop/web --to 10.0.0.7:5432/tcp
              sluice simulate --objects cluster/ --pod shop/web --to shop/api:http
              sluice simulate --objects cluster/ --dns dns.yaml --pod a/b --to a.example:443
            """)

    @Option(parsing: .upToNextOption, help: "Files, or directories of files, with the cluster's objects.")
    var objects: [String]

    @Option(help: "A file of probes, or - for standard input.")
    var probes: String?

    @Option(help: "The pod to ask about, as namespace/name; with --to.")
    var pod: String?

    @Option(help: "The destination to ask about: \(DestinationArgument.form).")
    var to: String?

    @Option(help: "A file with the addresses of domain names.")
    var dns: String?

    @Option(help: "The agent's configuration file, for its guards and exemptions.")
    var config: String?

    @OptionGroup var output: FormatOption

    private struct Row: Encodable {
        var pod: String
        var to: String
        /// What the name stands for; of an address nothing.
        var addresses: [String]?
        var port: UInt16
        var `protocol`: String
        var verdict: Simulation.Verdict
        var reason: String
        @EncodesNil var policy: String?
        @EncodesNil var rule: Int?
    }

    func run() throws {
        try exiting {
            if (objects + [probes, dns, config].compactMap(\.self)).count(where: { $0 == "-" }) > 1 {
                throw Failure.badInput("- stands for standard input, which can be read once only")
            }
            let dns = try dns.map { try DNSFile.read(try InputFile.read($0), file: $0) } ?? [:]
            let simulation = Simulation(
                files: try InputFile.objects(objects), dns: dns,
                options: try GuardOptions.compilerOptions(config))
            for diagnostic in simulation.diagnostics {
                complain("\(diagnostic.severity.rawValue): \(diagnostic)")
            }
            let broken = simulation.diagnostics.filter { $0.severity == .error && $0.object.isEmpty }
            guard broken.isEmpty else { throw Failure.badInput("\(broken.count) of the files cannot be used") }

            let questions = try questions(about: Set(dns.keys), among: simulation.objects)
            var rows: [Row] = []
            var missed: [String] = []
            for probe in questions {
                let answer = try simulation.answer(probe)
                rows.append(
                    Row(
                        pod: probe.pod.description, to: probe.to.description,
                        addresses: answer.addresses?.map(\.description), port: probe.port,
                        protocol: probe.protocol.rawValue, verdict: answer.verdict, reason: answer.reason,
                        policy: answer.policy, rule: answer.rule))
                // Audit lets the packet pass, but policy says deny.
                let policySays: Probe.Expectation = answer.verdict == .allow ? .allow : .deny
                if let expected = probe.expect, expected != policySays {
                    missed.append(
                        "expected \(expected.rawValue), got \(answer.verdict.rawValue): \(probe.pod) to "
                            + "\(probe.to) port \(probe.port) \(probe.protocol.rawValue): \(answer.reason)")
                }
            }
            try show(rows)
            for line in missed { complain(line) }
            let errors = simulation.diagnostics.count { $0.severity == .error }
            guard errors == 0 else {
                throw Failure.badInput(
                    "\(errors) errors in the objects; the rest was applied, and what is wrong fails closed")
            }
            if !missed.isEmpty { throw Failure.failed("\(missed.count) of \(questions.count) probes missed") }
        }
    }

    private func questions(about names: Set<DomainName>, among objects: [ClusterObject]) throws -> [Probe] {
        switch (probes, pod, to) {
        case (let file?, nil, nil):
            return try ProbeFile.read(try InputFile.read(file), file: file, names: names)
        case (nil, let pod?, let to?):
            guard let name = NamespacedName(pod) else {
                throw Failure.badInput("--pod \(pod): write namespace/name")
            }
            switch try DestinationArgument(to) {
            case .place(let place):
                return [Probe(pod: name, to: place.host, port: place.port, protocol: place.protocol, expect: nil)]
            case .object(let wanted):
                let object = try ResolvedObject(wanted, among: objects)
                return object.addresses.map {
                    Probe(pod: name, to: .address($0), port: object.port, protocol: object.protocol, expect: nil)
                }
            }
        default:
            throw Failure.badInput("give either --probes FILE, or --pod and --to")
        }
    }

    private func show(_ rows: [Row]) throws {
        switch output.format {
        case .json: try printJSON(rows)
        case .table:
            var table = Table(["POD", "TO", "PORT", "PROTOCOL", "VERDICT", "REASON"])
            for row in rows {
                table.add([
                    row.pod, row.to, String(row.port), row.protocol, row.verdict.rawValue, row.reason,
                ])
            }
            table.print()
        }
    }
}
