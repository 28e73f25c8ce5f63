import AgentAPI
import Glibc
import SystemPackage

/// Where records are kept.
struct RecordDirectory {
    let path: String
    /// Why it is not the one that was asked for.
    let trouble: String?

    var file: String { "\(path)/\(RecordFile.fileName)" }

    /// - Parameter fallback: a directory that is there, but may not survive a reboot.
    init(_ wanted: String, fallback: String) {
        do {
            try Self.make(wanted)
            // Kubelet makes it for everybody to read (DirectoryOrCreate).
            _ = PrivateDirectory(wanted).secure()
            self.path = wanted
            trouble = nil
        } catch {
            self.path = fallback
            trouble =
                "\(wanted) cannot be used: \(error); flows are recorded in \(fallback), "
                + "which a reboot may empty: make the directory, or set learn.directory"
        }
    }

    /// Keeps a broken file under another name, of which there are at most nine.
    /// - Returns: the name.
    func setAside() throws(Errno) -> String {
        let names = ["\(file).broken"] + (2...9).map { "\(file).broken-\($0)" }
        let name = names.first { access($0, F_OK) != 0 } ?? names[names.count - 1]
        guard rename(file, name) == 0 else { throw Errno(rawValue: errno) }
        return name
    }

    /// Makes it and those above it, for its owner alone, if need be. mkdir(2)
    private static func make(_ path: String) throws(Errno) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/\(part)"
            guard mkdir(made, 0o700) == 0 || errno == EEXIST else { throw Errno(rawValue: errno) }
        }
        guard access(path, W_OK | X_OK) == 0 else { throw Errno(rawValue: errno) }
    }
}
