import AgentAPI
import AgentConfiguration
import DNSMessages
import Flows
import KernelDatapath
import Logging
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
            clearCondition("resolvers")
        } catch {
            setCondition("resolvers", "whose DNS answers count cannot be changed: \(error)")
        }
    }

    /// What pods were given the destinations of events for.
    func domainNames() throws -> FlowDispatcher.DomainNames {
        let names = try LearnedNames(pins: configuration.pins)
        let tables = try KernelTables(pins: configuration.pins)
        let grace = UInt64(configuration.names.lifetime.grace)
        return { event in
            guard let namespace = event.namespace else { return [] }
            let told = (try? names.names(of: event.destination, in: namespace)) ?? []
            return ToldNames(
                told.map(\.name),
                expired: event.verdict == .allowed ? nil : Self.expired(told, event, grace: grace, tables))
        }
    }

    /// The answer that would have let a flow pass, had its time not been over.
    private static func expired(
        _ told: [LearnedName], _ event: FlowEvent, grace: UInt64, _ tables: KernelTables
    ) -> ExpiredAnswer? {
        let opening = told.filter { told in
            guard let name = DomainName(told.name) else { return false }
            let judgement = try? tables.judge(
                event.policySet, to: event.destination, protocol: event.protocolNumber, port: event.port,
                names: [name])
            return judgement?.name != nil
        }
        guard let last = opening.max(by: { $0.expires < $1.expires }),
            opening.allSatisfy({ $0.counts(grace: grace) < event.time })
        else { return nil }
        return ExpiredAnswer(name: last.name, secondsAgo: (event.time - last.expires) / 1_000_000_000)
    }

    /// Has names count while flows that they let pass are open.
    func keepNames() async {
        let pause = Duration.seconds(min(max(configuration.names.graceSeconds / 4, 1), 5))
        do {
            let flows = try OpenFlows(pins: configuration.pins)
            let names = try LearnedNames(pins: configuration.pins)
            while (try? await Task.sleep(for: pause)) != nil {
                do {
                    if try !names.isEmpty() { try flows.renewNames() }
                    clearCondition("open flows")
                } catch {
                    setCondition("open flows", "names do not count for the flows that they let pass: \(error)")
                }
            }
        } catch {
            logger.notice(
                "a name counts past its time from the last packet of a flow on only, not while one is idle: \(error)")
        }
    }

    /// Starts to read what the programs leave to the agent.
    func makeDNSEventReader(_ history: FlowHistory) throws -> DNSEventReader {
        let pins = configuration.pins
        let names = try LearnedNames(pins: pins, readOnly: false)
        let questions = try AskedQuestions(pins: pins)
        let tables = try KernelTables(pins: pins)
        let desk = DNSResponseHandler(
            lifetime: configuration.names.lifetime,
            asked: { question, message in
                (try? questions.consume(
                    id: question.id, name: question.name, type: question.type, of: message.socket, at: message.time))
                    ?? false
            },
            note: { name, address, message in
                let covered = (try? DomainName(name.name).map { try tables.covers($0, in: message.policySet) }) ?? false
                try? names.record(name, of: address, in: message.namespace, slot: message.slot, covered: covered)
            },
            uncovered: { [flowEnricher, metrics] name, message in
                let flow = flowEnricher.uncovered(name, message)
                history.record(flow)
                metrics?.flows.record(flow)
            })
        return try DNSEventReader(pins: pins, receive: desk.receive)
    }
}
