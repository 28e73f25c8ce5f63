import BenchmarkSupport
import PacketLab
import PolicyModel

/// A set with intervals, asked once a connection; `ct state established accept` for the rest of it.
final class Nftables: Candidate {
    let design = Design.nftables
    let prefixes: Int?
    let loading: DatapathReport.Loading?
    private let router: Router
    private let table: String

    init(prefixes count: Int, router: Router, directory: String) throws {
        prefixes = count
        self.router = router
        table = "allowed_\(count)"
        let entries = (0..<count).lazy.map { PrefixList.entry($0).description }.joined(separator: ",\n")
        let file = try TextFile(
            "\(directory)/\(table).nft",
            """
            table ip \(table) {
              set destinations { type ipv4_addr; flags interval; elements = { \(entries) } }
              chain new {
                ip daddr @destinations accept
                drop
              }
            }
            """)
        let begun = secondsNow()
        try router.run("nft", "-f", file.path)
        loading = .init(apply: secondsNow() - begun)
    }

    /// Only here do packets begin to meet it, and the router to track connections.
    func attach() throws {
        try router.run(
            "nft", "-f", "-",
            input: """
                table ip \(table) {
                  chain forward {
                    type filter hook forward priority filter; policy accept;
                    ct state established accept
                    iifname "\(Router.podInterface)" jump new
                  }
                }
                """)
    }

    func detach() throws {
        try router.run("nft", "-f", "-", input: "flush chain ip \(table) forward\ndelete chain ip \(table) forward\n")
    }
}
