import KubernetesObjects
import PolicyModel

/// A page whose kind the first byte chooses: `a` is the first kind. What is read with a projection must
/// mean what it means when all is read.
func checkList(_ bytes: [UInt8]) {
    guard let (kind, text) = kindAndText(bytes) else { return }
    var objects: [APIObject] = []
    do throws(TextError) {
        _ = try ListReader(kind, limits: limits).read(text) { objects.append($0) }
    } catch {
        require(error.description.isEmpty == false, "message")
        return
    }
    guard let whole = wholeValue(text), let items = items(whole) else { return }
    require(items.count == objects.count, "number of items")
    for (item, object) in zip(items, objects) { compare(object, item, kind) }
}

func checkWatchLine(_ bytes: [UInt8]) {
    guard let (kind, text) = kindAndText(bytes) else { return }
    guard let event = try? WatchReader(kind, limits: limits).read(text) else { return }
    if case .changed(let object) = event, case .object(let whole) = wholeValue(text),
        let item = whole["object"]
    {
        require(!object.resourceVersion.isEmpty, "an event without a version")
        compare(object, item, kind)
    }
}

private let limits = TextLimits(bytes: 1 << 20, values: 20_000)

private func kindAndText(_ bytes: [UInt8]) -> (ObjectReference.Kind, [UInt8])? {
    guard let first = bytes.first else { return nil }
    let kinds = ObjectReference.Kind.allCases
    return (kinds[Int(first &- UInt8(ascii: "a")) % kinds.count], Array(bytes.dropFirst()))
}

private func compare(_ object: APIObject, _ item: JSONValue, _ kind: ObjectReference.Kind) {
    // A key given twice is told of only where it is read.
    guard !hasDuplicates(item) else { return }
    let whole = ObjectDecoder(refusesUnknownFields: true).decode(item, as: kind)
    require(object.object == whole.object, "\(kind) with projection")
    require(object.diagnostics.map(\.message) == whole.diagnostics.map(\.message), "diagnostics of \(kind)")
    require(object.object == nil || object.reference == object.object?.reference, "reference of \(kind)")
    check(whole, of: item)
}

/// The text read in whole; nil if it is not one JSON value to that reader, which
/// also looks at numbers that the other reads past.
private func wholeValue(_ text: [UInt8]) -> JSONValue? {
    guard let documents = try? DocumentReader(limits: limits).documents(text), documents.count == 1 else {
        return nil
    }
    return documents[0].value
}

private func items(_ list: JSONValue) -> [JSONValue]? {
    guard case .object(let object) = list, case .array(let items) = object["items"] else { return nil }
    return items
}

private func hasDuplicates(_ value: JSONValue) -> Bool {
    switch value {
    case .object(let object): !object.duplicates.isEmpty || object.fields.values.contains(where: hasDuplicates)
    case .array(let elements): elements.contains(where: hasDuplicates)
    default: false
    }
}
