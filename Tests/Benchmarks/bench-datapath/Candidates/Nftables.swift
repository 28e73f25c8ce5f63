import BenchmarkSupport
import PacketLab
import PolicyModel

/// A set with intervals, asked once a connection; `ct state established accept` for the rest of it.
final class Nftables: Candidate {
    let design = Design.nftables
    var prefixes: Int? { list.prefixes }
    var loading: DatapathReport.Loading? { list.loading }
    private let list: LoadedSet

    init(prefixes count: Int, router: Router, directory: String) throws {
        list = try LoadedSet(
            prefixes: count, router: router, directory: directory, tool: ["nft", "-f"]
        ) { name, entries in
            """
            table ip \(name) {
              set destinations {
                type ipv4_addr; flags interval; elements = { \(entries.map(\.description).joined(separator: ",\n")) }
              }
              chain new {
                ip daddr @destinations accept
                drop
              }
            }
            """
        }
    }

    /// Only here do packets begin to meet it, and the router to track connections.
    func attach() throws {
        try list.router.run(
            "nft", "-f", "-",
            input: """
                table ip \(list.name) {
                  chain forward {
                    type filter hook forward priority filter; policy accept;
                    ct state established accept
                    iifname "\(Router.podInterface)" jump new
                  }
                }
                """)
    }

    func detach() throws {
        try list.router.run(
            "nft", "-f", "-", input: "flush chain ip \(list.name) forward\ndelete chain ip \(list.name) forward\n")
    }
}
