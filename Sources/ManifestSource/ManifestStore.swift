public import KubernetesObjects
public import PolicyModel

/// The files of a source and the objects that they add up to. No I/O: what is
/// read is handed in, what changed is taken out.
///
/// A file that cannot be read keeps its last good contents in force. An object
/// that stands in several places is taken from the first, in the order of paths
/// and then of the file; the others are errors.
public struct ManifestStore: Sendable {
    /// What became of an update.
    public enum Outcome: Hashable, Sendable {
        /// The file's contents are now in force.
        case accepted
        /// Broken: what the file last said stays in force, if it ever said anything.
        case keptLastGood
        /// The file is gone, and what it said with it.
        case removed
    }

    private struct File {
        var manifest: Manifest
        /// About the file as a whole; it is then not in the state of `manifest`.
        var trouble: [Diagnostic] = []
    }

    private let reader: ManifestReader
    private var files: [String: File] = [:]
    private var definitions: [ObjectReference: [Definition]] = [:]
    private var emitted: [ObjectReference: ClusterObject] = [:]
    private var derived: [ObjectReference: ClusterObject] = [:]
    private var touched: Set<ObjectReference> = []

    private struct Definition {
        var file: String
        var position: Int
        var entry: Manifest.Entry
    }

    /// How many objects there are, as of the last `drainChanges`.
    public var objectCount: Int { emitted.count }

    public init(reader: ManifestReader = ManifestReader()) {
        self.reader = reader
    }

    /// Tells what a file now holds. Nothing is emitted before `drainChanges`, so
    /// that an object may move between files without a gap.
    ///
    /// - Parameters:
    ///   - file: its path as it is to be named in diagnostics.
    ///   - contents: its bytes; nil if it is gone.
    @discardableResult
    public mutating func update(file: String, contents: [UInt8]?) -> Outcome {
        guard let contents else {
            replace(file, with: nil)
            return .removed
        }
        // Editors and shells empty a file before they write it.
        if contents.isEmpty, let before = files[file], !before.manifest.objects.isEmpty {
            return keep(
                file,
                Diagnostic(
                    .warning, origin: file,
                    "is empty, perhaps half written; its last contents stay in force (delete the file to end them)"
                ))
        }
        do {
            let manifest = try reader.read(contents, file: file)
            if let cut = manifest.cut, loses(file, objectsWithout: manifest) {
                return update(file: file, unreadable: cut)
            }
            replace(file, with: File(manifest: manifest))
            return .accepted
        } catch {
            return update(file: file, unreadable: error)
        }
    }

    /// Whether something that the file held is not in its new contents.
    private func loses(_ file: String, objectsWithout manifest: Manifest) -> Bool {
        let new = Set(manifest.objects.map(\.object.reference))
        return files[file]?.manifest.objects.contains { !new.contains($0.object.reference) } ?? false
    }

    /// Tells that a file is there but cannot be read.
    @discardableResult
    public mutating func update(file: String, unreadable error: TextError) -> Outcome {
        let origin = error.line > 0 ? "\(file):\(error.line):\(error.column)" : file
        let consequence =
            holds(file)
            ? "the file's last good contents stay in force" : "nothing in the file is in force"
        return keep(file, Diagnostic(.error, origin: origin, "\(error.message); \(consequence)"))
    }

    /// Whether anything that the file said is in force.
    public func holds(_ file: String) -> Bool {
        !(files[file]?.manifest.objects.isEmpty ?? true)
    }

    /// The files that are known, sorted.
    public var fileNames: [String] { files.keys.sorted() }

    /// What changed since the last call: what is set, by kind and name, then
    /// what is removed.
    public mutating func drainChanges() -> [ClusterChange] {
        var changes: [ObjectReference: ClusterObject?] = [:]
        for reference in touched {
            changes[reference] = .some(definitions[reference]?.first?.entry.object)
        }
        if touched.contains(where: \.kind.takesPartInServices) {
            let next = deriveSlices()
            for reference in derived.keys where next[reference] == nil && definitions[reference] == nil {
                changes[reference] = .some(nil)
            }
            for (reference, slice) in next { changes[reference] = slice }
            derived = next
        }
        touched = []
        let differing = changes.filter { emitted[$0.key] != $0.value }.sorted { $0.key < $1.key }
        for (reference, object) in differing { emitted[reference] = object }
        return differing.compactMap { $0.value.map(ClusterChange.set) }
            + differing.filter { $0.value == nil }.map { .remove($0.key) }
    }

    /// Everything wrong with the files as they are now, in the order of paths.
    public var diagnostics: [Diagnostic] {
        let perFile = files.sorted { $0.key < $1.key }
            .flatMap { $0.value.trouble + $0.value.manifest.diagnostics }
        return perFile + duplicates
    }

    private var duplicates: [Diagnostic] {
        definitions.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.flatMap { reference, places in
            places.dropFirst().map { place in
                Diagnostic(
                    .error, origin: place.entry.origin, object: reference.description,
                    "is defined already at \(places[0].entry.origin), which stays in force; remove one")
            }
        }
    }

    private mutating func keep(_ file: String, _ trouble: Diagnostic) -> Outcome {
        files[file, default: File(manifest: Manifest())].trouble = [trouble]
        return .keptLastGood
    }

    private mutating func replace(_ file: String, with new: File?) {
        for entry in files[file]?.manifest.objects ?? [] {
            let reference = entry.object.reference
            definitions[reference]?.removeAll { $0.file == file }
            if definitions[reference]?.isEmpty == true { definitions[reference] = nil }
            touched.insert(reference)
        }
        files[file] = new
        for (position, entry) in (new?.manifest.objects ?? []).enumerated() {
            let reference = entry.object.reference
            let definition = Definition(file: file, position: position, entry: entry)
            definitions[reference, default: []].append(definition)
            if definitions[reference]?.count ?? 0 > 1 {
                definitions[reference]?.sort { ($0.file, $0.position) < ($1.file, $1.position) }
            }
            touched.insert(reference)
        }
    }

    /// Manifests seldom hold the endpoint slices that a cluster would make.
    private func deriveSlices() -> [ObjectReference: ClusterObject] {
        var services: [Service] = []
        var pods: [Pod] = []
        var slices: [EndpointSlice] = []
        for places in definitions.values {
            switch places.first?.entry.object {
            case .service(let service): services.append(service)
            case .pod(let pod): pods.append(pod)
            case .endpointSlice(let slice): slices.append(slice)
            case .namespace, .node, .runtimeClass, .networkPolicy, .clusterNetworkPolicy, nil: break
            }
        }
        let derived = derivedEndpointSlices(services: services, pods: pods, slices: slices)
        return Dictionary(
            derived.map { (ObjectReference(.endpointSlice, $0.key), .endpointSlice($0)) },
            uniquingKeysWith: { first, _ in first })
    }
}

extension ObjectReference.Kind {
    fileprivate var takesPartInServices: Bool { self == .pod || self == .service || self == .endpointSlice }
}
