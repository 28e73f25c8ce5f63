import Glibc
import LinuxBase
import SystemPackage

/// The manifest files below a directory, or one file, as they are on disk.
///
/// Takes `.yaml`, `.yml` and `.json` at any depth. Hidden files and directories
/// are passed over; links to files are followed and links to directories are
/// not, which is what a mounted ConfigMap needs: its files are links into
/// `..data`.
struct ManifestDirectory: Sendable {
    /// What one look at the directory found.
    struct Listing: Sendable {
        /// Path to state.
        var files: [String: FileStamp] = [:]
        /// Places that could not be looked into: what is below them is unknown,
        /// not gone.
        var unreadable: [(path: String, error: Errno)] = []

        /// Whether a file that was not found may be there all the same.
        func mayHide(_ file: String) -> Bool {
            unreadable.contains { file == $0.path || file.hasPrefix($0.path + "/") }
        }
    }

    let root: FilePath

    func list() -> Listing {
        var listing = Listing()
        do throws(Errno) {
            let status = try root.stat()
            if status.type == .directory {
                try list(root, depth: 0, into: &listing)
            } else {
                listing.files[root.string] = FileStamp(status)
            }
        } catch {
            // A source that went away altogether is an accident (an unmounted
            // volume) far sooner than a wish to lift every policy.
            listing.unreadable.append((root.string, error))
        }
        return listing
    }

    private func list(_ directory: FilePath, depth: Int, into listing: inout Listing) throws(Errno) {
        for entry in try FileSystem.entries(of: directory) where !entry.name.hasPrefix(".") {
            let path = directory.appending(entry.name)
            do throws(Errno) {
                if entry.isDirectory {
                    guard depth < 64 else { throw Errno.fileNameTooLong }
                    try list(path, depth: depth + 1, into: &listing)
                } else if Self.isManifest(entry.name) {
                    let status = try path.stat()
                    if status.type == .regular { listing.files[path.string] = FileStamp(status) }
                }
            } catch  where error == .noSuchFileOrDirectory && entry.isDirectory {
                // Gone since the directory was listed.
            } catch {
                listing.unreadable.append((path.string, error))
            }
        }
    }

    static func isManifest(_ name: String) -> Bool {
        [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) && name.utf8.count > $0.utf8.count }
    }
}
