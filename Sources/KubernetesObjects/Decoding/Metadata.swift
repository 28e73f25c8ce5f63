import PolicyModel

/// What Sluice reads of meta/v1 `ObjectMeta`.
struct Metadata {
    var key: NamespacedName
    var uid: String
    var labels: Labels
    var annotations: Field
    /// `creationTimestamp`, in RFC 3339.
    var created: Field
    var owners: Field
    /// `deletionTimestamp` is set.
    var isTerminating: Bool

    /// - Returns: Nil, with an error, if the object cannot be named.
    init?(_ field: Field, isNamespaced: Bool) {
        let kind = field.problems.object
        guard let name = Metadata.name(field["name"]), !name.isEmpty else {
            if field["name"].isAbsent || field["name"].value == "" { field["name"].error("is missing") }
            return nil
        }
        // The API server's default namespace for what kubectl sends without one.
        let given = isNamespaced ? Metadata.name(field["namespace"]) ?? "" : ""
        key = NamespacedName(isNamespaced ? (given.isEmpty ? "default" : given) : "", name)
        field.problems.object = isNamespaced ? "\(kind) \(key)" : "\(kind) \(name)"
        uid = field["uid"].string() ?? ""
        labels = Metadata.labels(field["labels"])
        annotations = field["annotations"]
        created = field["creationTimestamp"]
        owners = field["ownerReferences"]
        isTerminating = !field["deletionTimestamp"].isAbsent
    }

    /// What is read of the metadata of every kind.
    static let projection: Projection = [
        "name": .all, "namespace": .all, "uid": .all, "labels": .all, "deletionTimestamp": .all,
    ]

    /// A name that is no string (`name: 1`) is an error but still a name.
    private static func name(_ field: Field) -> String? {
        let text = scalarText(field)
        if let text, !text.isEmpty, !Names.isObjectName(text) {
            field.warning("\(field.quoted(text)) is not a name that the API server takes")
        }
        return text
    }

    /// Labels as written. Where the API server would refuse the object the
    /// nearest text is kept: an object without the label would be selected by
    /// other policies than its author meant.
    private static func labels(_ field: Field) -> Labels {
        guard let object = field.object() else { return [:] }
        var labels: Labels = [:]
        for key in object.fields.keys.sorted() {
            let value = field[key]
            if value.isAbsent {
                value.warning("has no value; read as \"\"")
                labels[key] = ""
            } else if let text = scalarText(value) {
                labels[key] = text
                if !Names.isLabelValue(text) {
                    value.warning("\(field.quoted(text)) is not a label value that the API server takes")
                }
            }
            if !Names.isLabelKey(key) {
                value.warning("\(field.quoted(key)) is not a label key that the API server takes")
            }
        }
        return labels
    }

    private static func scalarText(_ field: Field) -> String? {
        if let text = field.string() { return text }
        return switch field.value {
        case .int(let number): String(number)
        case .bool(let flag): String(flag)
        case .double(let number): String(number)
        default: nil
        }
    }
}
