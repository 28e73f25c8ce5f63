import Agent
import AgentAPI
import AgentConfiguration
import PolicyModel
import Testing

@Suite("Settings of what is recorded of flows")
struct LearningSettingsTests {
    func read(_ text: String) -> (Configuration, [String]) {
        let (configuration, diagnostics) = ConfigurationFile.read(Array(text.utf8), file: "config.yaml")
        return (configuration, diagnostics.map(\.description))
    }

    @Test("all are read, and flows are recorded unless it is switched off")
    func settings() {
        let defaults = Configuration().learning
        #expect(defaults.enabled && defaults.directory == nil && defaults.maxRecords == 20_000)
        #expect(Configuration.recordDirectory(stateDirectory: "/run/sluice") == "/var/lib/sluice")
        #expect(Configuration.recordDirectory(stateDirectory: "/srv/x") == "/srv/x")
        let (configuration, wrong) = read("learn: {enabled: false, directory: /srv/flows, maxRecords: 500}")
        #expect(wrong.isEmpty)
        #expect(!configuration.learning.enabled && configuration.learning.directory == "/srv/flows")
        #expect(configuration.learning.maxRecords == 500)
    }

    @Test(
        "what is wrong is named",
        arguments: [
            ("learn: {maxRecord: 5}", "learn.maxRecord", "is not a setting; there are directory, enabled, maxRecords"),
            ("learn: {maxRecords: 10}", "learn.maxRecords", "not within 100 to 1000000"),
            ("learn: {directory: ''}", "learn.directory", "must not be empty"),
            ("learn: {enabled: perhaps}", "learn.enabled", "must be true or false"),
            ("learn: yes please", "learn", "must be an object"),
        ])
    func wrong(_ text: String, _ field: String, _ message: String) {
        let (_, wrong) = read(text)
        #expect(wrong.count == 1 && wrong[0].contains(field) && wrong[0].contains(message), "\(wrong)")
    }
}
