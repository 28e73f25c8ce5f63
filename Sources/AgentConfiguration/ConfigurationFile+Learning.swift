import KubernetesObjects

extension ConfigurationFile {
    static func readLearning(_ field: Field, into learning: inout Configuration.Learning) {
        field.refuseFields(otherThan: ["enabled", "directory", "maxRecords"])
        field["enabled"].read(&learning.enabled) { $0.bool() }
        learning.directory = field["directory"].text() ?? learning.directory
        field["maxRecords"].read(&learning.maxRecords) { $0.count(100...1_000_000) }
    }
}
