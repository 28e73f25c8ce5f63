import KubernetesObjects

extension ConfigurationFile {
    static func readFlows(_ field: Field, into flows: inout Configuration.Flows) {
        field.refuseFields(otherThan: ["allowedSampling", "eventsPerSecond", "repeatSeconds"])
        field["allowedSampling"].read(&flows.allowedSampling) { $0.count(0...1_000_000) }
        field["eventsPerSecond"].read(&flows.eventsPerSecond) { $0.count(0...1_000_000) }
        field["repeatSeconds"].read(&flows.repeatSeconds) { $0.count(1...3600) }
    }
}
