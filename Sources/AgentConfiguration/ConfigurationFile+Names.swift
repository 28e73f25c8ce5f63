import KubernetesObjects
import PolicyModel

extension ConfigurationFile {
    static func readNames(_ field: Field, into names: inout Configuration.Names) {
        field.refuseFields(otherThan: [
            "findResolvers", "services", "resolvers", "minimumSeconds", "maximumSeconds", "graceSeconds",
        ])
        field["findResolvers"].read(&names.findResolvers) { $0.bool() }
        if let services = field["services"].elements() { names.services = services.compactMap { $0.namespacedName() } }
        names.resolvers = field["resolvers"].elements()?.compactMap { $0.address() } ?? []
        field["minimumSeconds"].read(&names.minimumSeconds) { $0.count(0...86_400) }
        field["maximumSeconds"].read(&names.maximumSeconds) { $0.count(1...604_800) }
        field["graceSeconds"].read(&names.graceSeconds) { $0.count(0...64_800) }
        if names.minimumSeconds > names.maximumSeconds {
            field["minimumSeconds"].error(
                "\(names.minimumSeconds) is more than maximumSeconds, \(names.maximumSeconds)")
        }
    }
}

extension Field {
    /// `NAMESPACE/NAME`.
    fileprivate func namespacedName() -> NamespacedName? {
        guard let text = text() else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            error("\(quoted(text)) is not of the form NAMESPACE/NAME")
            return nil
        }
        return NamespacedName(String(parts[0]), String(parts[1]))
    }
}
