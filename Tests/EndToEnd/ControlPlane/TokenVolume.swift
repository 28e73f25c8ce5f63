import FoundationEssentials
import Glibc
import PacketLab

/// A folder as kubelet's projected volume makes it: names that lead through `..data` to a folder
/// of one moment, so that all files change in one step.
struct TokenVolume {
    let directory: String
    /// The file of the certificate authority that clients are to trust.
    var authority: String
    private var revision = 0

    init(at directory: String, authority: String) throws {
        self.directory = directory
        self.authority = authority
        guard mkdir(directory, 0o755) == 0 else { throw LabError("mkdir \(directory)") }
        for name in ["token", "ca.crt", "namespace"] {
            guard symlink("..data/\(name)", "\(directory)/\(name)") == 0 else {
                throw LabError("symlink \(name)")
            }
        }
    }

    /// Puts a token in place of the last one.
    mutating func write(token: String, namespace: String) throws {
        revision += 1
        let folder = "..revision_\(revision)"
        guard mkdir("\(directory)/\(folder)", 0o755) == 0 else { throw LabError("mkdir \(folder)") }
        let certificate = try String(contentsOfFile: authority, encoding: .utf8)
        for (name, text) in [("token", token), ("ca.crt", certificate), ("namespace", namespace)] {
            try text.write(toFile: "\(directory)/\(folder)/\(name)", atomically: false, encoding: .utf8)
        }
        guard symlink(folder, "\(directory)/..data_tmp") == 0,
            rename("\(directory)/..data_tmp", "\(directory)/..data") == 0
        else { throw LabError("rename ..data") }
        if revision > 1 {
            try FileManager.default.removeItem(atPath: "\(directory)/..revision_\(revision - 1)")
        }
    }
}
