import LinuxBase
import PolicyModel
import SystemPackage

/// The node's own resolvers, which pods with `dnsPolicy: Default` ask: resolv.conf(5).
enum ResolverConfiguration {
    /// As kubelet's `resolvConf`: systemd-resolved keeps the real ones beside its stub.
    static let files = ["/run/systemd/resolve/resolv.conf", "/etc/resolv.conf"]

    /// The first file that can be read; none if there is none.
    static func nameservers() -> [IPAddress] {
        for file in files {
            if let bytes = try? FileSystem.read(FilePath(file), limit: 1 << 16) {
                return nameservers(String(decoding: bytes, as: UTF8.self))
            }
        }
        return []
    }

    /// Without those on loopback, which is each pod's own.
    static func nameservers(_ text: String) -> [IPAddress] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count >= 2, words[0] == "nameserver" else { return nil }
            // A link-local one may name its interface.
            let address = words[1].prefix { $0 != "%" }
            guard let parsed = IPAddress(String(address)), !parsed.isLoopback else { return nil }
            return parsed
        }
    }
}
