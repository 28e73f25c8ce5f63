import KubernetesObjects

extension ConfigurationFile {
    static func readMetrics(_ field: Field, into metrics: inout Configuration.Metrics) {
        field.refuseFields(otherThan: ["enabled", "perPod"])
        field["enabled"].read(&metrics.enabled) { $0.bool() }
        field["perPod"].read(&metrics.perPod) { $0.bool() }
    }
}
