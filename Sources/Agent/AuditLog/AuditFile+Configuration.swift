import AgentConfiguration

extension Configuration.AuditLog {
    /// The files that the audit log is written to; nil if there is no audit log.
    var file: AuditFile? {
        path.map { AuditFile(path: $0, maxBytes: Int(maxMegabytes) << 20, older: Int(olderFiles)) }
    }
}
