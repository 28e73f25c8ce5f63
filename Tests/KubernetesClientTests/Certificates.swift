import TestHarness

/// Certificates made with the openssl command, in a folder of their own.
struct Certificates {
    let folder: TemporaryDirectory

    init() async throws {
        folder = try TemporaryDirectory()
        try await authority("ca")
        try await leaf("server", names: "IP:127.0.0.1,DNS:localhost")
    }

    func path(_ name: String) -> String { folder.path(name) }

    func authority(_ name: String) async throws {
        try await openssl(
            ["req", "-x509"] + key(name) + ["-out", path("\(name).crt"), "-subj", "/CN=\(name)", "-days", "2"])
    }

    /// - Parameter days: how long it is valid; -1 for one that no longer is.
    func leaf(_ name: String, names: String, authority: String = "ca", days: Int = 2) async throws {
        try await openssl(["req"] + key(name) + ["-out", path("\(name).csr"), "-subj", "/CN=\(name)"])
        try folder.write("\(name).ext", "subjectAltName=\(names)\n")
        try await openssl([
            "x509", "-req", "-in", path("\(name).csr"), "-CA", path("\(authority).crt"),
            "-CAkey", path("\(authority).key"), "-CAcreateserial", "-days", "\(days)",
            "-extfile", path("\(name).ext"), "-out", path("\(name).crt"),
        ])
    }

    private func key(_ name: String) -> [String] {
        [
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path("\(name).key"),
        ]
    }

    private func openssl(_ arguments: [String]) async throws {
        let ended = try await Programs.run("/usr/bin/openssl", arguments)
        guard ended.status == 0 else { throw Unexpected("openssl \(arguments): \(ended.err)") }
    }
}
