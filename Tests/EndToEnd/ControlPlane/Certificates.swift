import FoundationEssentials
import PacketLab

/// A certificate authority of the test's own, and what it issues, by openssl(1).
struct Certificates {
    let directory: String

    /// - Parameter name: the authority's common name, and what its files are called.
    init(in directory: String, authority name: String = "ca") throws {
        self.directory = directory
        self.name = name
        // No extension but those asked for, whatever the machine's own configuration says.
        try "[req]\ndistinguished_name = names\n[names]\n".write(
            toFile: "\(directory)/openssl.cnf", atomically: false, encoding: .utf8)
        try request(name, subject: "/CN=\(name)", ["-addext", "basicConstraints=critical,CA:true"])
    }

    private let name: String

    var authority: String { "\(directory)/\(name).crt" }

    /// Issues a certificate, at `NAME.crt`, and its key, at `NAME.key`.
    ///
    /// - Parameters:
    ///   - subject: for instance `/O=system:masters/CN=admin`.
    ///   - alternatives: for instance `IP:10.96.0.1,DNS:kubernetes`.
    func issue(_ name: String, subject: String, alternatives: String? = nil) throws {
        var options = ["-CA", authority, "-CAkey", "\(directory)/\(self.name).key"]
        options += ["-addext", "basicConstraints=critical,CA:false"]
        if let alternatives { options += ["-addext", "subjectAltName=\(alternatives)"] }
        try request(name, subject: subject, options)
    }

    private func request(_ name: String, subject: String, _ options: [String]) throws {
        try openssl(
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"]
                + ["-config", "\(directory)/openssl.cnf", "-days", "2", "-subj", subject]
                + ["-out", "\(directory)/\(name).crt", "-keyout", "\(directory)/\(name).key"] + options)
    }
}

func openssl(_ arguments: [String]) throws {
    let (status, output) = try Command.run("openssl", arguments)
    guard status == 0 else { throw LabError("openssl \(arguments.joined(separator: " "))", output) }
}
