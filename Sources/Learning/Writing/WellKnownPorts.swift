import PolicyModel

/// What mostly listens on a port (IANA's registry of service names, and the
/// servers' own defaults).
enum WellKnownPorts {
    private static let tcp: [UInt16: String] = [
        22: "SSH", 25: "SMTP", 53: "DNS", 80: "HTTP", 110: "POP3", 143: "IMAP", 389: "LDAP", 443: "HTTPS",
        465: "SMTP with TLS", 587: "SMTP submission", 636: "LDAP with TLS", 853: "DNS over TLS", 993: "IMAP with TLS",
        1433: "SQL Server", 1521: "Oracle", 2379: "etcd", 3306: "MySQL", 4222: "NATS", 4317: "OpenTelemetry",
        4318: "OpenTelemetry over HTTP", 5432: "PostgreSQL", 5671: "AMQP with TLS", 5672: "AMQP", 6379: "Redis",
        6443: "Kubernetes API", 8883: "MQTT with TLS", 9042: "Cassandra", 9090: "Prometheus", 9092: "Kafka",
        9200: "Elasticsearch", 10250: "kubelet", 11211: "memcached", 27017: "MongoDB",
    ]
    private static let udp: [UInt16: String] = [
        53: "DNS", 123: "NTP", 161: "SNMP", 443: "HTTP/3", 514: "syslog", 8125: "StatsD",
    ]

    static func name(_ port: LearnedPort) -> String? {
        switch port.protocol {
        case .tcp: tcp[port.number]
        case .udp: udp[port.number]
        case .sctp: nil
        }
    }
}
