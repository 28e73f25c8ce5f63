import PacketLab

/// Where the control plane's programs are, as the script beside the tests says.
struct Binaries {
    let server: String
    let etcd: String
    let kubectl: String

    init() throws {
        let script = Repository.path("Tests/EndToEnd/control-plane")
        let (status, output) = try Command.run(script, [])
        var paths: [Substring: Substring] = [:]
        for line in output.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2 { paths[words[0]] = words[1] }
        }
        guard status == 0, let server = paths["kube-apiserver"], let etcd = paths["etcd"],
            let kubectl = paths["kubectl"]
        else { throw LabError(script, output) }
        self.server = String(server)
        self.etcd = String(etcd)
        self.kubectl = String(kubectl)
    }
}

/// The checkout that this test was built from.
enum Repository {
    static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        .dropLast(4).joined(separator: "/")

    static func path(_ name: String) -> String { "\(root)/\(name)" }
}
