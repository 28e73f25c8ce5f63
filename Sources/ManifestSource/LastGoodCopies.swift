import LinuxBase
import SystemPackage

/// Copies of the manifest files as they last were when they could be read, so
/// that an agent that starts while a file is broken still enforces what the
/// file said.
///
/// They lie below the state directory in `last-good/`, under the files' own
/// relative paths.
struct LastGoodCopies: Sendable {
    private let directory: FilePath
    private let root: FilePath

    init(stateDirectory: FilePath, root: FilePath) {
        directory = stateDirectory.appending("last-good")
        self.root = root
    }

    /// The copy of a file; nil if there is none.
    func read(_ file: String, limit: Int) -> [UInt8]? {
        guard let path = path(of: file) else { return nil }
        return (try? FileSystem.read(path, limit: limit)) ?? nil
    }

    func write(_ contents: [UInt8], for file: String) throws {
        guard let path = path(of: file) else { return }
        try FileSystem.write(contents, to: path)
    }

    func remove(_ file: String) {
        guard let path = path(of: file) else { return }
        try? FileSystem.remove(path)
    }

    /// The files at or below a path of the source that have a copy.
    func files(below place: String) -> [String] {
        guard let top = path(of: place) else { return [] }
        if let status = try? top.stat(), status.type == .regular { return [place] }
        return files(in: place == root.string ? directory : top, as: FilePath(place), depth: 0)
    }

    private func files(in directory: FilePath, as place: FilePath, depth: Int) -> [String] {
        guard depth < 70, let entries = try? FileSystem.entries(of: directory) else { return [] }
        return entries.flatMap { entry in
            let path = place.appending(entry.name)
            return entry.isDirectory
                ? files(in: directory.appending(entry.name), as: path, depth: depth + 1)
                : ManifestDirectory.isManifest(entry.name) ? [path.string] : []
        }
    }

    /// Removes the copies of files that are gone.
    func removeAll(except files: Set<String>) {
        let kept = Set(files.compactMap { path(of: $0)?.string })
        removeAll(in: directory, except: kept, depth: 0)
    }

    private func removeAll(in directory: FilePath, except kept: Set<String>, depth: Int) {
        guard depth < 70, let entries = try? FileSystem.entries(of: directory) else { return }
        for entry in entries {
            let path = directory.appending(entry.name)
            if entry.isDirectory {
                if !kept.contains(where: { $0.hasPrefix(path.string + "/") }) {
                    FileSystem.removeTree(path)
                } else {
                    removeAll(in: path, except: kept, depth: depth + 1)
                }
            } else if !kept.contains(path.string) {
                try? FileSystem.remove(path)
            }
        }
    }

    private func path(of file: String) -> FilePath? {
        var relative = FilePath(file)
        if relative == root {
            guard let name = relative.lastComponent else { return nil }
            return directory.appending(name)
        }
        guard relative.removePrefix(root) else { return nil }
        return directory.appending(relative.components)
    }
}
