extension RecordedCluster {
    /// A page of a list, as an API server answers with it.
    func page(_ kind: RecordedKind, from first: Int, limit: Int) -> String {
        let count = count(kind)
        let last = min(count, first + limit)
        return Self.list(
            kind, (first..<last).lazy.map { object(kind, $0) }, next: last < count ? "\(last)" : nil)
    }

    /// - Parameter next: the token that asks for the next page.
    static func list(_ kind: RecordedKind, _ objects: some Sequence<String>, next: String? = nil) -> String {
        let token = next.map { ",\"continue\":\"\($0)\"" } ?? ""
        return """
            {"kind":"\(kind.kind)List","apiVersion":"\(kind.apiVersion)",\
            "metadata":{"resourceVersion":"\(resourceVersion)"\(token)},"items":[\(objects.joined(separator: ","))]}
            """
    }
}
