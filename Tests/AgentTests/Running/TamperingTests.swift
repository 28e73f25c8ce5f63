import Agent
import AgentConfiguration
import Glibc
import KernelDatapath
import Logging
import Synchronization
import TestHarness
import Testing
import VerdictTables

/// What others do to the agent's pins, links and maps.
@Suite struct TamperingTests {
    /// Runs an agent in this process that looks after things often.
    func with(_ body: (AgentLab, LogBook) async throws -> Void) async throws {
        try await AgentLab.with { lab in
            lab.makeCgroup("web")
            try lab.write("pods.yaml", lab.pod("web", "10.9.0.1"))
            try lab.write("policy.yaml", lab.policy("out", blocks: ["198.51.100.0/24"]))
            let book = LogBook()
            var rhythm = Intervals()
            rhythm.verification = .milliseconds(200)
            rhythm.comparison = .milliseconds(200)
            let agent = try Agent(
                configuration: lab.configuration, logger: book.logger,
                source: lab.configuration.makeSource(nil, logger: book.logger), rhythm: rhythm)
            let running = Task { try await agent.run() }
            do {
                try await lab.settled()
                try await eventually("the programs are attached") {
                    try lab.links().count == DatapathProgram.allCases.count
                }
                try await body(lab, book)
            } catch {
                running.cancel()
                _ = await running.result
                throw Unexpected("\(error)\n\(book.text)")
            }
            running.cancel()
            try await running.value
        }
    }

    @Test("deleted and altered entries are repaired") func deletedAndAlteredEntriesAreRepaired() async throws {
        try await with { lab, book in
            let maps = try DatapathMaps(pins: lab.pins)
            let tables = try lab.kernelTables()
            let cgroup = try lab.cgroupID("web")
            try maps.pods.remove(cgroup)
            try await eventually("the pod is back") { try lab.kernelTables() == tables }
            for key in tables.rules.keys { try maps.rules.remove(key) }
            for key in tables.addresses.keys { try maps.addresses.remove(key) }
            try await eventually("rules and addresses are back") { try lab.kernelTables() == tables }
            let isolated = try #require(tables.pods[cgroup]).policySet
            let key = RuleKey(isolated, .other)
            guard case .always(let decision) = tables.rules[key], decision.action == .deny else {
                throw Unexpected("the pod is not isolated: \(tables.rules)")
            }
            try maps.rules.update(key, .always(Decision(.allow, decision.cause)))
            try await eventually("the rule is as it was") { try lab.kernelTables() == tables }
            let config = try #require(try maps.config.lookup(0))
            var settings = config.settings
            settings.flags.insert(.audit)
            try maps.config.update(0, NodeConfig(generation: config.generation, settings: settings))
            try await eventually("audit is off") {
                try KernelTables(pins: lab.pins).config()?.settings.flags.contains(.audit) == false
            }
            #expect(book.text.contains("changed by somebody else"))
        }
    }

    @Test("detached and unpinned links are attached again")
    func detachedAndUnpinnedLinksAreAttachedAgain() async throws {
        try await with { lab, book in
            let links = try lab.links()
            let directory = "\(lab.pins.directory)/links/\(try lab.cgroupID("web").rawValue)"
            let detached = try await Programs.run(
                "/bin/sh", ["-c", "bpftool link detach pinned \(directory)/sluice_egress"])
            try #require(detached.status == 0, "\(detached.err)")
            try await eventually("all six are in force") { try lab.links().values.allSatisfy { $0 != nil } }
            unlink("\(directory)/sluice_connect4")
            try await eventually("all six are in force") {
                try lab.links().count == DatapathProgram.allCases.count && lab.links().values.allSatisfy { $0 != nil }
            }
            let after = try lab.links()
            #expect(after.filter { links[$0.key] != $0.value }.count == 2, "the others were left alone")
            #expect(book.text.contains("1 attached"))
            #expect(try await !lab.mayConnect(from: "web", to: "203.0.113.7"))
        }
    }

    @Test("every pin gone is put back") func everyPinGoneIsPutBack() async throws {
        try await with { lab, book in
            let tables = try lab.kernelTables()
            _ = try await Programs.run("/bin/sh", ["-c", "find \(lab.pins.directory) -type f -delete"])
            try await eventually("pins and links are back") {
                guard let links = try? lab.links(), links.count == DatapathProgram.allCases.count else { return false }
                return links.values.allSatisfy { $0 != nil }
            }
            #expect(try lab.kernelTables() == tables)
            #expect(book.text.contains("put back"))
            #expect(try await !lab.mayConnect(from: "web", to: "203.0.113.7"))
        }
    }

    @Test("a stranger's program is not taken for ours") func aStrangersProgramIsNotTakenForOurs() async throws {
        try await with { lab, book in
            // Another agent's build of the same programs: other numbers.
            let stranger = Pins(directory: lab.pins.directory + "-stranger")
            defer { _ = try? stranger.removeEverything() }
            _ = try DatapathObject(pins: stranger)
            let links = try lab.links()
            let before = try Attachments(pins: lab.pins).list().map(\.state)
            let (own, other) = (lab.pins.path(DatapathProgram.egress), stranger.path(DatapathProgram.egress))
            let moved = try await Programs.run("/bin/mv", ["-f", other, own])
            try #require(moved.status == 0, "\(moved.err)")
            try await eventually("our own is pinned again", describing: { book.text }) {
                let states = try Attachments(pins: lab.pins).list().map(\.state)
                return book.text.contains("\(own): put back") && states == before
            }
            #expect(try lab.links() == links)
        }
    }
}

/// Keeps what a logger was told.
final class LogBook: Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }
    var logger: Logger { Logger(label: "test") { _ in Handler(book: self) } }

    private struct Handler: LogHandler {
        let book: LogBook
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { book.lines.withLock { $0.append("\(event.level) \(event.message)") } }
    }
}
