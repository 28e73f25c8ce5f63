import FoundationEssentials
import Glibc
import PacketLab

extension ControlPlane {
    /// Runs kubectl as the cluster's administrator.
    func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let access = [
            "--server=https://\(Self.address):\(Self.port)",
            "--certificate-authority=\(certificates.authority)",
            "--client-certificate=\(directory)/admin.crt", "--client-key=\(directory)/admin.key",
            "--cache-dir=\(directory)/kubectl",
        ]
        return try machine.enter { try Command.run(binaries.kubectl, access + arguments) }
    }

    /// The same, where it must succeed.
    @discardableResult
    func kubectl(_ arguments: String...) throws -> String {
        try succeed(arguments)
    }

    private func succeed(_ arguments: [String], on text: String = "") throws -> String {
        let (status, output) = try run(arguments)
        guard status == 0 else {
            let crash = server?.hasEnded == true ? "the server has crashed:\n\(log)\n" : ""
            throw LabError(
                "kubectl \(arguments.joined(separator: " "))", "\(output)\(crash)\(text.prefix(2000))")
        }
        return output
    }

    /// Runs kubectl on a text: `-f` and a file of it come last.
    @discardableResult
    func kubectl(_ arguments: String..., text: String) throws -> String {
        documents += 1
        let file = "\(directory)/document-\(documents).yaml"
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        defer { unlink(file) }
        return try succeed(arguments + ["-f", file], on: text)
    }
}
