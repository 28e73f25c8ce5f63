import TestHarness
import Testing

/// On a node without Sluice.
@Suite struct NothingPinnedTests {
    static let commands = [
        ["explain", "shop/web", "--to", "10.0.0.2:80"], ["status"], ["top"], ["pods"], ["maps", "pods"],
        ["maps", "addresses"],
        ["maps", "rules"], ["maps", "ports"], ["maps", "replies"], ["maps", "config"], ["maps", "pod", "shop/web"],
    ]

    @Test("says what to do", arguments: commands)
    func saysWhatToDo(_ command: [String]) async throws {
        for format in ["table", "json"] {
            let ended = try await run(
                command + ["-o", format, "--bpffs", "/sys/fs/bpf/sluice-test-none", "--state-dir", "/nonexistent"])
            #expect(ended.status == 1 && ended.out == "", "\(ended)")
            #expect(
                ended.err.contains("/sys/fs/bpf/sluice-test-none") && ended.err.contains("start sluiced"),
                "\(ended.err)")
        }
    }

    @Test("policies are read from the state directory alone")
    func policiesAreReadFromTheStateDirectoryAlone() async throws {
        for format in ["table", "wide", "json"] {
            let ended = try await run(["policies", "-o", format, "--state-dir", "/nonexistent"])
            #expect(ended.status == 1 && ended.out == "", "\(ended)")
            #expect(ended.err.contains("/nonexistent holds no report of policies: start sluiced"), "\(ended.err)")
        }
    }

    @Test("cleanup has nothing to do") func cleanupHasNothingToDo() async throws {
        let ended = try await run(["cleanup", "--bpffs", "/sys/fs/bpf/sluice-test-none", "--state-dir", "/nonexistent"])
        #expect(ended.status == 0 && ended.out == "nothing was there\n")
    }
}
