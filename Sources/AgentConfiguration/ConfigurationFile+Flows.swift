import KubernetesObjects

extension ConfigurationFile {
    static func readFlows(_ field: Field, into flows: inout Configuration.Flows) {
        field.refuseFields(otherThan: ["allowedSampling", "eventsPerSecond", "repeatSeconds", "socket", "history"])
        field["allowedSampling"].read(&flows.allowedSampling) { $0.count(0...1_000_000) }
        field["eventsPerSecond"].read(&flows.eventsPerSecond) { $0.count(0...1_000_000) }
        field["repeatSeconds"].read(&flows.repeatSeconds) { $0.count(1...3600) }
        field["socket"].read(&flows.socket) { $0.socketPlace() }
        field["history"].read(&flows.history) { $0.count(1...1_000_000) }
    }
}
