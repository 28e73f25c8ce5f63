import Glibc
import KubernetesObjects
import LinuxBase
import PolicyModel
import SystemPackage

/// Brings a `ManifestStore` up to date with the disk: lists, reads what
/// changed, and keeps the last good copies.
struct ManifestScanner: Sendable {
    private let directory: ManifestDirectory
    private let copies: LastGoodCopies?
    private let limits: TextLimits
    private var store: ManifestStore
    private var stamps: [String: FileStamp] = [:]
    private var isFirst: Bool { lastScan == nil }
    /// When the files were last looked at, in seconds since 1970.
    private(set) var lastScan: Int?
    /// Accepted contents whose copies are not on disk yet.
    private var pendingCopies: [String: [UInt8]] = [:]
    private var staleCopies: Set<String> = []
    private var copyTrouble: Diagnostic?
    private var directoryTrouble: [Diagnostic] = []
    private var lastDiagnostics: [Diagnostic] = []

    init(root: FilePath, stateDirectory: FilePath?, limits: TextLimits) {
        directory = ManifestDirectory(root: root)
        copies = stateDirectory.map { LastGoodCopies(stateDirectory: $0, root: root) }
        self.limits = limits
        store = ManifestStore(reader: ManifestReader(limits: limits))
    }

    /// How many objects the files add up to.
    var objectCount: Int { store.objectCount }

    /// - Returns: Nil if nothing changed, neither objects nor diagnostics; never
    ///   nil the first time.
    mutating func scan() -> ClusterBatch? {
        let listing = directory.list()
        directoryTrouble = listing.unreadable.map { path, error in
            Diagnostic(.error, origin: path, "\(error); what was read from here before stays in force")
        }
        if isFirst { restoreHidden(listing) }
        for file in store.fileNames where listing.files[file] == nil && !listing.mayHide(file) {
            store.update(file: file, contents: nil)
            stamps[file] = nil
            pendingCopies[file] = nil
            staleCopies.insert(file)
        }
        for (file, stamp) in listing.files.sorted(by: { $0.key < $1.key }) where stamps[file] != stamp {
            let isSettled = stamp.isSettled
            read(file)
            stamps[file] = isSettled ? stamp : nil
        }
        let changes = store.drainChanges()
        let diagnostics = currentDiagnostics
        defer {
            lastDiagnostics = diagnostics
            lastScan = time(nil)
        }
        guard isFirst || !changes.isEmpty || diagnostics != lastDiagnostics else { return nil }
        return ClusterBatch(changes: changes, diagnostics: diagnostics)
    }

    /// Writes the copies that `scan` has left to do. Apart from it, as a change
    /// must not wait for the disk before it is enforced.
    mutating func saveCopies() {
        guard let copies else {
            pendingCopies = [:]
            staleCopies = []
            return
        }
        for file in staleCopies.sorted() where pendingCopies[file] == nil { copies.remove(file) }
        staleCopies = []
        copyTrouble = nil
        for (file, contents) in pendingCopies.sorted(by: { $0.key < $1.key }) {
            do {
                if copies.read(file, limit: limits.bytes) != contents {
                    try copies.write(contents, for: file)
                }
                pendingCopies[file] = nil
            } catch {
                copyTrouble = Diagnostic(
                    .warning, origin: file,
                    "its last good state cannot be kept on disk (\(error)); should it break, a restart forgets it"
                )
            }
        }
    }

    private var currentDiagnostics: [Diagnostic] {
        directoryTrouble + store.diagnostics + (copyTrouble.map { [$0] } ?? [])
    }

    private mutating func read(_ file: String) {
        let contents: [UInt8]
        do {
            guard let bytes = try FileSystem.read(FilePath(file), limit: limits.bytes) else {
                restore(file)
                store.update(
                    file: file, unreadable: TextError("is longer than the limit of \(limits.bytes) bytes"))
                return
            }
            contents = bytes
        } catch {
            restore(file)
            store.update(file: file, unreadable: TextError("cannot be read: \(error)"))
            return
        }
        if isFirst, let copy = copies?.read(file, limit: limits.bytes), copy != contents {
            store.update(file: file, contents: copy)
        }
        if store.update(file: file, contents: contents) == .accepted, copies != nil {
            pendingCopies[file] = contents
        }
    }

    /// On the first look a file that cannot be read gets what its copy says.
    private mutating func restore(_ file: String) {
        guard isFirst, let copy = copies?.read(file, limit: limits.bytes) else { return }
        store.update(file: file, contents: copy)
    }

    /// The first look also settles what copies are left of another time.
    private mutating func restoreHidden(_ listing: ManifestDirectory.Listing) {
        guard let copies else { return }
        guard listing.unreadable.isEmpty else {
            for (path, _) in listing.unreadable {
                for file in copies.files(below: path) where listing.files[file] == nil { restore(file) }
            }
            return
        }
        copies.removeAll(except: Set(listing.files.keys))
    }
}
