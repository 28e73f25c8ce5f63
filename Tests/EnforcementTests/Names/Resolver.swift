import FoundationEssentials
import PacketLab

/// A real resolver, and what it answers.
enum Resolver {
    /// - Parameters:
    ///   - records: options.
    ///   - hosts: lines of a hosts(5) file, which it reads again on SIGHUP.
    case dnsmasq(records: [String], hosts: String = "")
    /// - Parameter zone: lines of a zone file (RFC 1035, section 5) of example.com.
    case unbound(zone: String)
    /// Clients/resolver.pl, which says what it answers.
    case chosen

    /// What starts it in the foreground, as a server of port 53 on all addresses.
    ///
    /// - Parameter directory: for its files.
    func command(in directory: String) throws -> [String] {
        switch self {
        case .dnsmasq(let records, let hosts):
            try hosts.write(toFile: Self.hosts(in: directory), atomically: false, encoding: .utf8)
            return [
                "/usr/sbin/dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null",
                "--pid-file=", "--user=root", "--addn-hosts=\(Self.hosts(in: directory))", "--dns-forward-max=1000",
            ] + records
        case .unbound(let zone):
            try (Self.zoneStart + zone).write(toFile: "\(directory)/zone", atomically: false, encoding: .utf8)
            try Self.configuration(directory).write(
                toFile: "\(directory)/unbound.conf", atomically: false, encoding: .utf8)
            return ["/usr/sbin/unbound", "-d", "-c", "\(directory)/unbound.conf"]
        case .chosen: return ["/usr/bin/perl", "\(NameClient.sources)/resolver.pl", directory]
        }
    }

    static func hosts(in directory: String) -> String { "\(directory)/hosts" }

    private static let zoneStart = """
        $ORIGIN example.com.
        $TTL 300
        @ SOA ns root 1 3600 600 86400 60
        @ NS ns
        ns A 11.0.0.53

        """

    private static func configuration(_ directory: String) -> String {
        """
        server:
          interface: 0.0.0.0
          access-control: 0.0.0.0/0 allow
          username: ""
          chroot: ""
          directory: "\(directory)"
          pidfile: ""
          use-syslog: no
          do-daemonize: no
          module-config: "iterator"
        auth-zone:
          name: "example.com."
          zonefile: "\(directory)/zone"
          for-upstream: no
        remote-control:
          control-enable: no

        """
    }
}
