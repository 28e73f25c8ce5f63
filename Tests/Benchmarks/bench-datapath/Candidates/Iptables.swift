import BenchmarkSupport
import PacketLab

/// The same with Debian's iptables and a hash:net set.
final class Iptables: Candidate {
    let design = Design.iptables
    var prefixes: Int? { list.prefixes }
    var loading: DatapathReport.Loading? { list.loading }
    private let list: LoadedSet

    init(prefixes count: Int, router: Router, directory: String) throws {
        list = try LoadedSet(
            prefixes: count, router: router, directory: directory, tool: ["ipset", "restore", "-f"]
        ) { name, entries in
            // Room for all of them from the start spares it growing.
            let room = max(1024, count)
            return "create \(name) hash:net family inet hashsize \(room) maxelem \(room)\n"
                + entries.map { "add \(name) \($0)\n" }.joined()
        }
    }

    func attach() throws {
        for rule in [
            ["-m", "conntrack", "--ctstate", "ESTABLISHED", "-j", "ACCEPT"],
            ["-i", Router.podInterface, "-m", "set", "--match-set", list.name, "dst", "-j", "ACCEPT"],
            ["-i", Router.podInterface, "-j", "DROP"],
        ] {
            try list.router.run(["iptables", "-A", "FORWARD"] + rule)
        }
    }

    func detach() throws {
        try list.router.run("iptables", "-F", "FORWARD")
    }
}
