import PolicyModel

extension Provenance {
    static let projection: Projection = [
        "metadata": [
            "resourceVersion": .all,
            "managedFields": ["manager": .all, "operation": .all, "time": .all, "subresource": .all],
        ]
    ]

    /// - Parameter object: as the API sent it; nil if it says nothing of the kind.
    init?(of object: JSONValue) {
        guard let metadata = object["metadata"], let version = metadata["resourceVersion"]?.text else { return nil }
        self.init(resourceVersion: version)
        guard case .array(let entries)? = metadata["managedFields"] else { return }
        for entry in entries where entry["subresource"]?.text ?? "" != "status" {
            let time = entry["time"]?.text ?? ""
            guard manager.isEmpty || time >= self.time else { continue }
            manager = entry["manager"]?.text ?? ""
            operation = entry["operation"]?.text ?? ""
            self.time = time
        }
    }
}
