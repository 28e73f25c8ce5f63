import Flows
import KernelDatapath
import PolicyModel
import VerdictTables

/// Domain names: whose answers count, and what the programs leave to the agent.
extension Agent {
    /// Trusts the resolvers there are. Before the source has told everything, those that an
    /// earlier agent trusted stay.
    func trustResolvers() {
        var wanted = Set(configuration.names.resolvers)
        if configuration.names.findResolvers {
            wanted.formUnion(resolverFinder.addresses)
            wanted.formUnion(ResolverConfiguration.nameservers())
            wanted.insert(ResolverFinder.nodeLocal)
        }
        do {
            if !isSynced { wanted.formUnion(try resolvers.all()) }
            try resolvers.set(wanted)
            mended("resolvers")
        } catch {
            complain("resolvers", "whose DNS answers count cannot be changed: \(error)")
        }
    }

    /// Starts to read what the programs leave to the agent.
    func makeAnswerReader(_ history: FlowHistory) throws -> AnswerReader {
        let pins = configuration.pins
        let names = try LearnedNames(pins: pins, readOnly: false)
        let tables = try KernelTables(pins: pins)
        dispatcher.know { event in
            guard let namespace = event.namespace else { return [] }
            return ((try? names.names(of: event.destination, in: namespace)) ?? []).map(\.name)
        }
        let desk = AnswerDesk(
            lifetime: configuration.names.lifetime,
            note: { name, address, message in
                let covered = (try? DomainName(name.name).map { try tables.covers($0, in: message.policySet) }) ?? false
                try? names.note(name, of: address, in: message.namespace, covered: covered)
            },
            uncovered: { [dispatcher, metrics] name, message in
                let flow = dispatcher.uncovered(name, message)
                history.note(flow)
                metrics?.flows.note(flow)
            })
        return try AnswerReader(pins: pins, receive: desk.receive)
    }
}
