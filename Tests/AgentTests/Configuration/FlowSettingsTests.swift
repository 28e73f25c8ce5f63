import Agent
import AgentAPI
import AgentConfiguration
import PolicyModel
import Testing

@Suite("Settings of what is told of flows")
struct FlowSettingsTests {
    private func read(_ text: String) -> (Configuration.Flows, [String]) {
        let (configuration, diagnostics) = ConfigurationFile.read(Array(text.utf8), file: "c.yaml")
        return (configuration.flows, diagnostics.map(\.message))
    }

    @Test("the socket is in the state directory, at a path, or nowhere")
    func socket() {
        #expect(Configuration().flows.socket == .inStateDirectory && Configuration().flows.history == 4096)
        #expect(read("flows: {socket: true}") == (Configuration.Flows(), []))
        #expect(read("flows: {socket: false}").0.socket == .off)
        #expect(read("flows: {socket: /srv/agent.sock}").0.socket == .path("/srv/agent.sock"))
        #expect(read("flows: {history: 9}").0.history == 9)
    }

    @Test(
        "what cannot be used is an error",
        arguments: [
            ("flows: {socket: agent.sock}", "neither true, false, nor a path"),
            ("flows: {socket: 7}", "must be a string"),
            ("flows: {history: 0}", "is not within 1 to 1000000"), ("flows: {histroy: 1}", "is not a setting"),
        ])
    func wrong(_ text: String, _ says: String) {
        let messages = read(text).1
        #expect(messages.count == 1 && messages[0].contains(says), "\(messages)")
    }
}
