import AgentAPI
import AgentConfiguration
import ArgumentParser
import Glibc
import KernelDatapath
import PolicyCompiler
import PolicyModel
import VerdictTables

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Checks whether this node is healthy.",
        discussion: """
            Exit status 0 only when the programs are attached, the agent runs, what it
            knows is current, and no pod is degraded; 1 otherwise. Pods that cannot be
            enforced count only with unenforceablePods: problem in the agent's
            configuration.

            Examples:
              sluice status
              sluice status -o json
            """)

    @OptionGroup var node: NodeOptions
    @OptionGroup var output: FormatOption

    private struct Report: Encodable {
        struct Program: Encodable {
            var cgroup: String
            var program: String
            var state: String
            @EncodesNil var link: UInt32?
            @EncodesNil var id: UInt32?
        }
        struct Map: Encodable {
            var map: String
            var used: Int
            var capacity: UInt32
        }
        struct Attachment: Encodable {
            var cgroup: String
            /// When the programs there were seen to refuse what they must, in seconds since 1970.
            @EncodesNil var provenAt: Int?
            @EncodesNil var obstacle: String?
        }
        struct Pods: Encodable {
            var enforced: Int
            var unproven: Int
            var waiting: Int
            var held: Int
            var degraded: Int
            var deleted: Int
            /// Pods whose packets meet no verdict, and why.
            var unenforceable: [String: String]
            var audit: Int
            /// From the metadata guard.
            var exempt: [String]
            var exemptFromNodePortGuard: [String]
            var exemptFromSocketGuard: [String]
        }
        var well: Bool
        var problems: [String]
        /// In the pid namespace of the agent.
        @EncodesNil var agent: Int32?
        /// Whether that is another than the tool's.
        var isAgentElsewhere: Bool
        /// How the one before ended.
        @EncodesNil var previousRun: String?
        var generation: UInt32
        @EncodesNil var source: String?
        var feeds: [SourceCondition.Feed]
        var enforcement: String
        /// What cgroups meet whose pod is not known yet.
        var startupPosture: String
        @EncodesNil var metadataGuard: String?
        @EncodesNil var nodePortGuard: String?
        var socketGuard: SocketGuardView
        var attachments: [Attachment]
        var otherPrograms: [OtherProgram]
        var programs: [Program]
        var maps: [Map]
        var pods: Pods
        var lostEvents: LostEvents
        /// What is not known of pods' addresses; null if all is.
        @EncodesNil var unknownAddresses: String?
    }

    func run() throws {
        try exiting {
            let view = try NodeView(node)
            let report = try examine(view)
            switch output.format {
            case .json: try printJSON(report)
            case .table: show(report, view.holder?.text ?? "not running")
            }
            if !report.well { throw ExitCode.failure }
        }
    }

    private func examine(_ view: NodeView) throws -> Report {
        var problems = (view.snapshot?.problems ?? []).filter { $0.severity == "error" }.map(\.message)
        if view.snapshot == nil { problems.append("there is no snapshot") }
        if view.isSnapshotInherited {
            problems.append("sluiced has just started; what is known is from before")
        }
        let feeds = view.snapshot?.condition.feeds ?? []
        problems += feeds.compactMap(trouble)
        if view.snapshot?.pending == true { problems.append("changes wait to get into the kernel") }

        let attachments = try Attachments(pins: view.pins).list()
        if view.agent == nil { problems.append(agentAway(Standing(attachments))) }
        if attachments.isEmpty { problems.append("no program is attached") }
        let paths = attachedPaths(view)
        let programs = attachments.map { attached -> Report.Program in
            let cgroup = paths[attached.cgroup] ?? "cgroup \(attached.cgroup.rawValue)"
            let name = attached.program.rawValue
            switch attached.state {
            case .live(let link, let program):
                return Report.Program(cgroup: cgroup, program: name, state: "live", link: link, id: program)
            case .otherProgram(let link, let program):
                problems.append("\(name) on \(cgroup) is not the pinned program")
                return Report.Program(cgroup: cgroup, program: name, state: "other program", link: link, id: program)
            case .detached:
                problems.append("\(name) on \(cgroup) is detached")
                return Report.Program(cgroup: cgroup, program: name, state: "detached")
            case .missing:
                problems.append("\(name) is missing on \(cgroup)")
                return Report.Program(cgroup: cgroup, program: name, state: "missing")
            }
        }
        let cgroups = Set(attachments.map(\.cgroup))
        let socketGuard = SocketGuardView(
            view.snapshot?.socketGuard,
            isAttached: try !cgroups.isEmpty
                && cgroups.allSatisfy {
                    try PacketSocketGuard.isAttached(to: $0, pins: view.pins)
                })
        if socketGuard.state == .missing { problems.append("the packet-socket guard is not attached") }
        let levels = try view.tables.fillLevels()
        let maps = DatapathMap.allCases.compactMap { map in
            levels[map].map { Report.Map(map: map.rawValue, used: $0.used, capacity: $0.capacity) }
        }
        let pods = view.snapshot?.pods ?? []
        let unproven = pods.filter { $0.state == .unproven }
        if !unproven.isEmpty {
            problems.append(
                "\(unproven.count) pods are not known to be enforced: \(unproven.prefix(5).map(\.pod).joined(separator: ", "))"
                    + (unproven.count > 5 ? ", …" : ""))
        }
        let degraded = pods.filter { $0.state == .degraded }
        for pod in degraded { problems.append("\(pod.pod) is degraded: older rules are in force") }
        let flags = view.config.settings.flags
        return Report(
            well: problems.isEmpty, problems: problems, agent: view.agent,
            isAgentElsewhere: view.holder?.isElsewhere ?? false, previousRun: view.snapshot?.previousRun,
            generation: view.config.generation,
            source: view.snapshot?.source, feeds: feeds,
            enforcement: flags.contains(.audit) ? "audit" : "enforce",
            startupPosture: view.config.settings.posture.rawValue,
            metadataGuard: view.snapshot?.metadataGuard.rawValue,
            nodePortGuard: view.snapshot?.nodePortGuard.rawValue,
            socketGuard: socketGuard,
            attachments: (view.snapshot?.attachments ?? []).map {
                Report.Attachment(cgroup: $0.cgroup, provenAt: $0.provenAt, obstacle: $0.obstacle)
            },
            otherPrograms: view.snapshot?.otherPrograms ?? [], programs: programs, maps: maps,
            pods: Report.Pods(
                enforced: pods.count { $0.state == .enforced }, unproven: unproven.count,
                waiting: pods.count { $0.state == .waiting },
                held: pods.count { $0.state == .held },
                degraded: degraded.count, deleted: pods.count { $0.state == .deleted },
                unenforceable: Dictionary(
                    pods.compactMap { pod in pod.unenforceable.map { (pod.pod, $0) } },
                    uniquingKeysWith: { first, _ in first }),
                audit: flags.contains(.audit) ? pods.count : pods.count(where: \.audit),
                exempt: pods.filter { $0.exemptions.contains(.metadata) }.map(\.pod),
                exemptFromNodePortGuard: pods.filter { $0.exemptions.contains(.nodePorts) }.map(\.pod),
                exemptFromSocketGuard: pods.filter { $0.exemptions.contains(.sockets) }.map(\.pod)),
            lostEvents: try view.tables.lostEvents(), unknownAddresses: view.snapshot?.unknownAddresses)
    }

    private static func clock(_ seconds: Int) -> String {
        var (time, parts) = (time_t(seconds), tm())
        gmtime_r(&time, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) UTC"
    }

    private func agentAway(_ standing: Standing) -> String {
        switch standing {
        case .whole: "sluiced does not run; what it enforced last stays in force"
        case .partly: "sluiced does not run; what it enforced last stays in force only where programs are attached"
        case .nowhere: "sluiced does not run, and nothing is in force"
        }
    }

    /// What is to be told of one kind of object, if anything is.
    private func trouble(_ feed: SourceCondition.Feed) -> String? {
        let reason = feed.problem.map { ": \($0)" } ?? ""
        switch feed.state {
        case .current, .notServed: return nil
        case .waiting: return "\(feed.name) are not known yet\(reason)"
        case .stale:
            let age = feed.lastContact.map { "\(time(nil) - $0) s" } ?? "a while"
            return "\(feed.name) are as they were \(age) ago\(reason)"
        }
    }

    /// Cgroups that are there, by identifier.
    private func attachedPaths(_ view: NodeView) -> [CgroupID: String] {
        guard let snapshot = view.snapshot else { return [:] }
        return Dictionary(
            snapshot.attachedTo.compactMap { path in
                (try? CgroupTree.id(ofPath: "\(snapshot.cgroupRoot)/\(path)")).map { ($0, path) }
            }, uniquingKeysWith: { first, _ in first })
    }

    private func source(_ report: Report) -> String {
        guard let source = report.source else { return "not known" }
        let current = report.feeds.count { $0.state == .current }
        let served = report.feeds.count { $0.state != .notServed }
        let objects = report.feeds.reduce(0) { $0 + $1.objects }
        return "\(source): \(current) of \(served) feeds current, \(objects) objects"
    }

    private func show(_ report: Report, _ agentText: String) {
        print(report.well ? "HEALTHY" : "DEGRADED")
        for problem in report.problems {
            for line in problem.split(separator: "\n") { Page.print("  -", String(line), indent: 4) }
        }
        Page.print(
            "agent",
            "\(agentText), generation \(report.generation)")
        if let previousRun = report.previousRun { Page.print("before", previousRun) }
        Page.print("source", source(report))
        Page.print(
            "enforcement",
            "\(report.enforcement); metadata guard \(report.metadataGuard ?? "not known"), "
                + "node-port guard \(report.nodePortGuard ?? "not known")")
        Page.print(
            "posture",
            report.startupPosture == "hold"
                ? "hold: what a pod sends is held back until the agent knows the pod"
                : "guards: until the agent knows a pod, guards alone are in force for it")
        Page.print(
            "pods",
            "\(report.pods.enforced) enforced, "
                + (report.pods.unproven > 0 ? "\(report.pods.unproven) not known to be enforced, " : "")
                + "\(report.pods.waiting) waiting for a cgroup, "
                + (report.pods.held > 0 ? "\(report.pods.held) held, " : "")
                + "\(report.pods.degraded) degraded, \(report.pods.deleted) deleted, "
                + "\(report.pods.unenforceable.count) unenforceable, \(report.pods.audit) in audit")
        for (pod, reason) in report.pods.unenforceable.sorted(by: { $0.key < $1.key }) {
            Page.print("not enforced", "\(pod): \(reason)", indent: 17)
        }
        if let unknown = report.unknownAddresses { Page.print("addresses", unknown, indent: 17) }
        for (name, pods) in [
            ("metadata guard", report.pods.exempt), ("node-port guard", report.pods.exemptFromNodePortGuard),
            ("socket guard", report.pods.exemptFromSocketGuard),
        ] {
            let off = pods.isEmpty ? "no pod" : pods.joined(separator: ", ") + " (the configuration's list)"
            Page.print(name, "off for \(off)", indent: 17)
        }
        Page.print("socket guard", report.socketGuard.text)
        for attachment in report.attachments {
            let proof = attachment.provenAt.map { "in force: a datagram was refused at \(Self.clock($0))" }
            Page.print(
                "cgroup", "\(attachment.cgroup): \(proof ?? "NOT KNOWN TO BE IN FORCE: \(attachment.obstacle ?? "")")")
        }
        for other in report.otherPrograms where other.effect == .mayTranslate {
            Page.print("other program", "\(other.note)")
        }
        Page.print(
            "events lost",
            "\(report.lostEvents.total) (\(report.lostEvents.full) buffer full, "
                + "\(report.lostEvents.limited) over the rate limit)")
        print("")
        var programs = Table(["CGROUP", "PROGRAM", "STATE", "LINK", "ID"])
        for program in report.programs {
            programs.add([
                program.cgroup, program.program, program.state, program.link.map { String($0) } ?? "-",
                program.id.map { String($0) } ?? "-",
            ])
        }
        programs.print()
        print("")
        var maps = Table(["MAP", "ENTRIES", "CAPACITY"])
        for map in report.maps { maps.add([map.map, String(map.used), String(map.capacity)]) }
        maps.print()
    }
}
