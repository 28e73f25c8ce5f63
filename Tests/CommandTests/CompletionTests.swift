import TestHarness
import Testing

@Suite struct CompletionTests {
    @Test(
        "each shell gets a script that its own parser takes and that knows the commands",
        arguments: ["bash", "zsh", "fish"])
    func scripts(shell: String) async throws {
        let printed = try await run(["completion", shell])
        #expect(printed.status == 0 && printed.out.contains("simulate") && printed.out.contains("explain"))
        guard shell == "bash" else { return }
        let directory = try TemporaryDirectory()
        try directory.write("script", printed.out)
        let parsed = try await Programs.run("/bin/bash", ["-n", directory.path("script")])
        #expect(parsed.status == 0, "\(parsed.err)")
    }
}
