import KubernetesObjects

extension ConfigurationFile {
    static func readFlows(_ field: Field, into flows: inout Configuration.Flows) {
        field.refuseFields(otherThan: ["socket", "history"])
        field["socket"].read(&flows.socket) { $0.socket() }
        field["history"].read(&flows.history) { $0.count(1...1_000_000) }
    }
}

extension Field {
    fileprivate func socket() -> Configuration.Flows.Socket? {
        if case .bool(let isOn) = value { return isOn ? .inStateDirectory : .off }
        guard let text = string() else { return nil }
        if text.hasPrefix("/") { return .path(text) }
        error("\(quoted(text)) is neither true, false, nor a path that begins with a slash")
        return nil
    }
}
