import FoundationEssentials
import Testing

/// A claim is worth what the test that it names is worth.
@Suite struct CitationTests {
    private static let root = Monitoring.path("")
    private static let pages: [String] = {
        ["", "design/"].flatMap { folder in
            ((try? FileManager.default.contentsOfDirectory(atPath: "\(root)/docs/\(folder)")) ?? [])
                .filter { $0.hasSuffix(".md") }.map { folder + $0 }.sorted()
        }
    }()

    private func page(_ name: String) throws -> String { try Monitoring.text("\(Self.root)/docs/\(name)") }

    @Test("every test that a document names is there", arguments: pages)
    func citations(name: String) throws {
        let citations = try Citation.all(in: page(name))
        #expect(citations.flatMap { $0.faults(root: Self.root) } == [])
        if name == "security.md" { #expect(citations.count > 60) }
    }

    @Test("a document that names what is not there is found out")
    func mistakes() {
        let text = """
            `Documents/CitationTests` `mistakes` and "a document that names
            what is not there is found out", `mistake`; `Nowhere/NoTests` "x"; `Documents/CitationTests` "every test"
            """
        #expect(
            Citation.all(in: text).flatMap { $0.faults(root: Self.root) } == [
                "Tests/EnforcementTests/Documents/CitationTests.swift has no test mistake",
                "Tests/EnforcementTests/Nowhere/NoTests.swift is not there",
                "Tests/EnforcementTests/Documents/CitationTests.swift has no test every test",
            ])
    }

    @Test("every file that a document names is there, and every function that it names right after its file")
    func places() throws {
        var named = 0
        for name in Self.pages.map({ "docs/\($0)" }) + ["README.md", "CONTRIBUTING.md", "SECURITY.md"] {
            for place in try Monitoring.text("\(Self.root)/\(name)").matches(of: CodePlace.pattern).map(CodePlace.init)
            {
                #expect(place.fault(root: Self.root) == nil, "\(name)")
                named += 1
            }
        }
        #expect(named > 100)
        #expect(CodePlace(file: "bpf/src/egress.h", function: "judge_everything").fault(root: Self.root) != nil)
        #expect(CodePlace(file: "bpf/src/nothing.h").fault(root: Self.root) != nil)
    }

    @Test("each way round names its test, or says why it has none")
    func waysRound() throws {
        var rows = 0
        var isListed = false
        for line in try page("security.md").split(separator: "\n", omittingEmptySubsequences: false) {
            let cells = line.dropFirst(2).dropLast(2).split(separator: " | ")
            if !line.hasPrefix("|") || cells.last == "test" { isListed = cells.last == "test" }
            guard isListed, let cell = cells.last, cell != "test", !cell.hasPrefix("---") else { continue }
            rows += 1
            let rest = Citation.removed(from: cell)
            #expect(rest != cell || cell.hasPrefix("by design") || cell.hasPrefix("none: "), "\(line)")
            // Names that stand alone are nobody's.
            #expect(!rest.contains("\"") && rest.firstMatch(of: /`[a-z]\w+`/) == nil, "\(line)")
        }
        #expect(rows > 50)
    }

    @Test("every function and map of the programs that the security page names is there")
    func functions() throws {
        let folder = "\(Self.root)/bpf/src"
        let sources = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            .map { try Monitoring.text("\(folder)/\($0)") }.joined()
        let others: Set = ["cgroup_skb", "pidfd_getfd"]
        let names = try page("security.md").matches(of: /`([a-z]+(?:_[a-z0-9]+)+)`/).map { String($0.output.1) }
            .filter { !others.contains($0) }
        #expect(
            names.count > 5
                && names.filter { !sources.contains("\($0)(") && !sources.contains("} sluice_\($0) SEC(") } == [])
    }
}
