import BenchmarkSupport
import PacketLab
import PolicyModel

/// The same with Debian's iptables and a hash:net set.
final class Iptables: Candidate {
    let design = Design.iptables
    let prefixes: Int?
    let loading: DatapathReport.Loading?
    private let router: Router
    private let set: String

    init(prefixes count: Int, router: Router, directory: String) throws {
        prefixes = count
        self.router = router
        let set = "allowed_\(count)"
        self.set = set
        let entries = (0..<count).lazy.map { "add \(set) \(PrefixList.entry($0))" }.joined(separator: "\n")
        // Room for all of them from the start spares it growing.
        let file = try TextFile(
            "\(directory)/\(set).ipset",
            "create \(set) hash:net family inet hashsize \(max(1024, count)) maxelem \(max(1024, count))\n\(entries)\n")
        let begun = secondsNow()
        try router.run("ipset", "restore", "-f", file.path)
        loading = .init(apply: secondsNow() - begun)
    }

    func attach() throws {
        for rule in [
            ["-m", "conntrack", "--ctstate", "ESTABLISHED", "-j", "ACCEPT"],
            ["-i", Router.podInterface, "-m", "set", "--match-set", set, "dst", "-j", "ACCEPT"],
            ["-i", Router.podInterface, "-j", "DROP"],
        ] {
            try router.run(["iptables", "-A", "FORWARD"] + rule)
        }
    }

    func detach() throws {
        try router.run("iptables", "-F", "FORWARD")
    }
}
