public import SystemPackage

/// The manifest files that a path names, for whoever reads them once.
public enum ManifestFiles {
    /// - Returns: of a directory its `.yaml`, `.yml` and `.json` files at any depth, sorted, without hidden
    ///   ones; of everything else the path itself.
    /// - Throws: `Errno` unless all of the directory can be listed.
    public static func paths(_ path: String) throws(Errno) -> [String] {
        guard let status = try? FilePath(path).stat(), status.type == .directory else { return [path] }
        let listing = ManifestDirectory(root: FilePath(path)).list()
        if let failed = listing.unreadable.first { throw failed.error }
        return listing.files.keys.sorted()
    }
}
