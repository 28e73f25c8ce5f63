import Glibc
import TestHarness
import Testing

/// The command line of sluiced, and the configuration file behind it.
@Suite struct OptionTests {
    @Test("options override the file") func optionsOverrideTheFile() async throws {
        try await AgentLab.with { lab in
            let config = try lab.files.write(
                "config.yaml",
                """
                nodeName: other
                enforcement: audit
                startupPosture: hold
                failFast: true
                replySeconds: 7
                bpffs: /sys/fs/bpf/nowhere
                log: {format: json}
                """)
            lab.makeCgroup("web")
            try lab.write("pods.yaml", lab.pod("web", "10.9.0.1"))
            let agent = try await lab.start([
                "--config", config, "--enforcement", "enforce", "--no-fail-fast", "--log-level", "debug",
            ])
            try await lab.settled()
            let settings = try await lab.tool("maps", "config")
            #expect(settings.status == 0)
            for line in [
                "enforcement      enforce", "denied calls     time out",
                "startup posture  hold", "reply window     7 s",
            ] { #expect(settings.out.contains(line), "\(settings.out)") }
            #expect(agent.log.hasPrefix("{\"level\":"), "JSON, as the file says: \(agent.log)")
            #expect(access("/sys/fs/bpf/nowhere", F_OK) != 0)
        }
    }

    @Test(
        "bad options are named",
        arguments: [
            (["--enforcement", "maybe"], "enforce, audit"), (["--startup-posture", "x"], "guards, hold"),
            (["--metadata-guard", "x"], "enforce, audit, off"), (["--log-format", "x"], "text, json"),
            (["--log-level", "loud"], "trace, debug, info"), (["--config", "/nonexistent"], "/nonexistent"),
            (["--health-address", "localhost:80"], "127.0.0.1:7584"),
            (["--kubeconfig", "/x", "--source", "/y"], "write --source kubernetes"),
            (["--context", "lab"], "write --source kubernetes"),
        ])
    func badOptionsAreNamed(_ options: [String], _ says: String) async throws {
        let ended = try await Programs.run("sluiced", options)
        #expect(ended.status != 0 && ended.err.contains(options[1]) && ended.err.contains(says), "\(ended.err)")
    }

    @Test("a bad file is refused with place and key") func aBadFileIsRefusedWithPlaceAndKey() async throws {
        let files = try TemporaryDirectory()
        let config = try files.write("config.yaml", "source: /tmp\nenforcment: audit\n")
        let ended = try await Programs.run("sluiced", ["--config", config])
        #expect(ended.status != 0)
        #expect(ended.err.contains("\(config):1: enforcment: is not a setting"), "\(ended.err)")
    }

    @Test("help shows an example") func helpShowsAnExample() async throws {
        let help = try await Programs.run("sluiced", ["--help"])
        #expect(help.status == 0 && help.out.contains("Examples:"))
    }
}
