import KubernetesObjects

extension ConfigurationFile {
    static func readAuditLog(_ field: Field, into log: inout Configuration.AuditLog) {
        field.refuseFields(otherThan: ["path", "maxMegabytes", "olderFiles"])
        field["path"].read(&log.path) { $0.textOrNone() }
        field["maxMegabytes"].read(&log.maxMegabytes) { $0.count(1...100_000) }
        field["olderFiles"].read(&log.olderFiles) { $0.count(0...1000) }
    }
}
