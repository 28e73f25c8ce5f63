import KubernetesClient
import PolicyModel

/// What an API server has in etcd: the objects as they are, and the changes
/// that led there as far back as the last compaction.
struct SimulatedStore {
    struct Entry {
        var version: Int
        var label: Int
        /// Makes the object one that cannot be understood in part.
        var extra = ""
    }

    struct Change {
        var version: Int
        var path: String
        var type: String
        var json: String
    }

    private(set) var version = 100
    private(set) var compactedTo = 100
    private(set) var objects: [String: [ObjectReference: Entry]] = [:]
    private(set) var changes: [Change] = []

    mutating func set(_ reference: ObjectReference, at path: String, label: Int, extra: String = "") {
        version += 1
        let isNew = objects[path]?[reference] == nil
        let entry = Entry(version: version, label: label, extra: extra)
        objects[path, default: [:]][reference] = entry
        changes.append(
            Change(
                version: version, path: path, type: isNew ? "ADDED" : "MODIFIED",
                json: Self.json(reference, entry)))
    }

    mutating func remove(_ reference: ObjectReference, at path: String) {
        guard var entry = objects[path]?.removeValue(forKey: reference) else { return }
        version += 1
        entry.version = version
        changes.append(
            Change(version: version, path: path, type: "DELETED", json: Self.json(reference, entry)))
    }

    mutating func compact() {
        compactedTo = version
        changes = []
    }

    func list(_ path: String) -> [(reference: ObjectReference, entry: Entry)] {
        (objects[path] ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    static func json(_ reference: ObjectReference, _ entry: Entry) -> String {
        let namespace = reference.namespace.isEmpty ? "" : "\"namespace\":\"\(reference.namespace)\","
        return """
            {"metadata":{"name":"\(reference.name)",\(namespace)"resourceVersion":"\(entry.version)",\
            "labels":{"v":"\(entry.label)","kubernetes.io/service-name":"s"},\
            "managedFields":[{"manager":"m \\" {","fieldsV1":{"f:x":{}}}]},"spec":{"podSelector":{}\(entry.extra)}}
            """
    }
}
