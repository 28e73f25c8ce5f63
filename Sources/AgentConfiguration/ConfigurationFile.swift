import KubernetesObjects
public import PolicyModel
import VerdictTables

/// The YAML file behind `--config`. Unknown keys are errors: a misspelt setting
/// must not leave its default in force unseen.
public enum ConfigurationFile {
    /// - Parameters:
    ///   - bytes: the file's contents.
    ///   - file: its name, for messages.
    /// - Returns: the configuration, and everything wrong with it; it is to be
    ///   used only if nothing is.
    public static func read(_ bytes: [UInt8], file: String) -> (Configuration, [Diagnostic]) {
        var configuration = Configuration()
        let problems = Problems(origin: file)
        do {
            let documents = try DocumentReader().documents(bytes)
            if documents.count > 1 {
                problems.report(.error, field: "", line: documents[1].line, "only one document may be given")
            }
            if let document = documents.first {
                read(Field(document.value, line: document.line, problems: problems), into: &configuration)
            }
        } catch {
            problems.report(.error, field: "", line: error.line, error.message)
        }
        return (configuration, problems.diagnostics)
    }

    private static func read(_ root: Field, into configuration: inout Configuration) {
        root.refuseFields(otherThan: [
            "source", "kubernetes", "nodeName", "cgroupRoot", "podsCgroup", "bpffs", "stateDirectory", "enforcement",
            "startupPosture", "failFast", "failFastExcept", "replySeconds", "guards", "allowedNodeAddresses", "log",
            "detachOnExit", "unenforceablePods", "health", "events", "removeNotReadyTaint",
            "flows", "names", "learn", "auditLog", "metrics",
        ])
        root["source"].read(&configuration.source) { $0.text().map(Configuration.Source.init) }
        readKubernetes(root["kubernetes"], into: &configuration.kubernetes)
        root["nodeName"].read(&configuration.nodeName) { $0.text() }
        configuration.cgroupRoot = root["cgroupRoot"].text() ?? configuration.cgroupRoot
        configuration.podsCgroup = root["podsCgroup"].text() ?? configuration.podsCgroup
        root["bpffs"].read(&configuration.bpffs) { $0.text() }
        root["stateDirectory"].read(&configuration.stateDirectory) { $0.text() }
        root["enforcement"].read(&configuration.enforcement) { $0.choice() }
        root["startupPosture"].read(&configuration.startupPosture) { $0.choice() }
        root["failFast"].read(&configuration.failFast) { $0.bool() }
        if let except = root["failFastExcept"].elements() {
            configuration.failFastExcept = except.compactMap { $0.prefix() }
        }
        root["replySeconds"].read(&configuration.replySeconds) { $0.count(1...86_400) }
        root["detachOnExit"].read(&configuration.detachOnExit) { $0.bool() }
        root["unenforceablePods"].read(&configuration.unenforceablePods) { $0.choice() }
        root["events"].read(&configuration.events) { $0.bool() }
        root["removeNotReadyTaint"].read(&configuration.removeNotReadyTaint) { $0.bool() }
        configuration.allowedNodeAddresses =
            root["allowedNodeAddresses"].elements()?.compactMap { $0.address() } ?? []

        let health = root["health"]
        health.refuseFields(otherThan: ["address"])
        health["address"].read(&configuration.healthAddress) { $0.listenAddress() }

        readFlows(root["flows"], into: &configuration.flows)
        readNames(root["names"], into: &configuration.names)
        readMetrics(root["metrics"], into: &configuration.metrics)

        let log = root["log"]
        log.refuseFields(otherThan: ["level", "format"])
        log["level"].read(&configuration.logLevel) { $0.logLevel() }
        log["format"].read(&configuration.logFormat) { $0.choice() }

        readLearning(root["learn"], into: &configuration.learning)
        readAuditLog(root["auditLog"], into: &configuration.auditLog)

        let guards = root["guards"]
        guards.refuseFields(otherThan: ["metadata", "nodePorts", "sockets", "sources"])
        readMetadata(guards["metadata"], into: &configuration.metadata)
        readNodePorts(guards["nodePorts"], into: &configuration.nodePorts)
        readSockets(guards["sockets"], into: &configuration.sockets)
        readSources(guards["sources"], into: &configuration.sources)
    }

    private static func readKubernetes(
        _ field: Field, into access: inout Configuration.KubernetesAccess
    ) {
        field.refuseFields(otherThan: ["kubeconfig", "context", "watchSilenceSeconds"])
        field["kubeconfig"].read(&access.kubeconfig) { $0.textOrNone() }
        field["context"].read(&access.context) { $0.textOrNone() }
        field["watchSilenceSeconds"].read(&access.watchSilenceSeconds) { $0.count(10...3600) }
    }

    private static func readMetadata(_ field: Field, into metadata: inout Configuration.MetadataGuard) {
        field.refuseFields(otherThan: ["mode", "allow", "block", "add", "exempt"])
        field["mode"].read(&metadata.mode) { $0.choice() }
        metadata.allow = names(field["allow"])
        metadata.block = names(field["block"])
        metadata.add = field["add"].elements()?.compactMap(ownGuard) ?? []
        for (index, guarded) in metadata.add.enumerated()
        where metadata.add[..<index].contains(where: { $0.name == guarded.name }) {
            field["add"].error("\(field.quoted(guarded.name)) is there twice; names must differ")
        }
        metadata.exempt = field["exempt"].elements()?.compactMap { exemption($0, from: .metadata) } ?? []
    }

    private static func readNodePorts(_ field: Field, into guarded: inout Configuration.NodePortGuard) {
        field.refuseFields(otherThan: ["mode", "ports", "exempt"])
        field["mode"].read(&guarded.mode) { $0.choice() }
        if let ports = field["ports"].elements() {
            if ports.isEmpty {
                field["ports"].error("must list at least one port; to guard none, set mode to off")
            }
            guarded.ports = ports.compactMap { $0.port().map { $0...$0 } }
        }
        guarded.exempt = field["exempt"].elements()?.compactMap { exemption($0, from: .nodePorts) } ?? []
    }

    private static func readSockets(_ field: Field, into sockets: inout Configuration.SocketSettings) {
        field.refuseFields(otherThan: ["mode", "exempt"])
        field["mode"].read(&sockets.mode) { $0.choice() }
        sockets.exempt = field["exempt"].elements()?.compactMap { exemption($0, from: .sockets) } ?? []
    }

    private static func readSources(_ field: Field, into sources: inout Configuration.SourceSettings) {
        field.refuseFields(otherThan: ["mode", "exempt"])
        field["mode"].read(&sources.mode) { $0.choice() }
        sources.exempt = field["exempt"].elements()?.compactMap { exemption($0, from: .sources) } ?? []
    }

    /// Names of rows of the table of metadata endpoints.
    private static func names(_ field: Field) -> Set<String> {
        let known = Set(MetadataEndpoint.table.map(\.guarded.name))
        return Set(
            (field.elements() ?? []).compactMap { element in
                guard let name = element.string() else { return nil }
                if !known.contains(name) {
                    element.error(
                        "\(element.quoted(name)) is no metadata endpoint; there are \(known.sorted().joined(separator: ", "))"
                    )
                }
                return name
            })
    }

    private static func ownGuard(_ field: Field) -> Guard? {
        field.refuseFields(otherThan: ["name", "addresses", "tcpPorts"])
        guard let name = field["name"].text() else {
            if field["name"].isAbsent { field["name"].error("is missing") }
            return nil
        }
        if name == NodePorts.guardName {
            field["name"].error("\(field.quoted(name)) is the name of the guard of node ports; take another")
        }
        if MetadataEndpoint.table.contains(where: { $0.guarded.name == name }) {
            field["name"].error("\(field.quoted(name)) is the name of a metadata endpoint; take another")
        }
        let addresses = field["addresses"].elements() ?? []
        if addresses.isEmpty { field["addresses"].error("must list at least one address or CIDR block") }
        let destinations = addresses.compactMap { element -> Prefix? in
            guard let text = element.string() else { return nil }
            let prefix = Prefix(addressOrBlock: text)
            if prefix == nil { element.error("\(element.quoted(text)) is neither an address nor a CIDR block") }
            return prefix
        }
        let ports = field["tcpPorts"].elements()?.compactMap { $0.port() }
        return Guard(
            name: name, destinations: destinations, ports: ports.map { .tcp($0.map { $0...$0 }) } ?? .all)
    }

    private static func exemption(_ field: Field, from kind: Guard.Kind) -> GuardExemption? {
        field.refuseFields(otherThan: ["namespace", "serviceAccount", "podSelector", "reason"])
        _ = field["reason"].string()
        guard let namespace = field["namespace"].string() else {
            if field["namespace"].isAbsent { field["namespace"].error("is missing") }
            return nil
        }
        let selector = field["podSelector"]
        return GuardExemption(
            from: kind, namespace: namespace, serviceAccount: field["serviceAccount"].string(),
            podSelector: selector.isAbsent ? nil : labelSelector(selector))
    }
}
