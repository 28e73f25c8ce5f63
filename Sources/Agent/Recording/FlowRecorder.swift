import AgentAPI
package import Flows
package import PolicyModel
import Synchronization

/// Adds up the node's flows and keeps them on disk, for `sluice learn`.
///
/// Whoever reports to it never waits for the disk. What cannot be written stays in
/// memory, within the bound, and is tried again.
package final class FlowRecorder: Sendable {
    package struct Settings: Sendable {
        package var directory: String
        /// Where the directory cannot be made.
        package var fallback: String
        package var limit: Int
        /// Between two looks at whether there is something to write.
        package var pause = Duration.seconds(15)

        package init(directory: String, fallback: String, limit: Int) {
            self.directory = directory
            self.fallback = fallback
            self.limit = limit
        }
    }

    /// Tells of the cluster what these services and namespaces are.
    package typealias Describe = @Sendable (Set<NamespacedName>, Set<String>) async -> RecordedCluster
    /// Hears what is wrong, by subject; nil if nothing is any more.
    package typealias Tell = @Sendable (String, String?) async -> Void

    private struct State {
        var flows: RecordedFlows
        var isChanged = false
    }

    private static let directorySubject = "directory of flow records"
    private static let fileSubject = "flow records"

    private let settings: Settings
    private let describe: Describe
    private let setCondition: Tell
    private let state: Mutex<State>

    package init(_ settings: Settings, describe: @escaping Describe, setCondition: @escaping Tell) {
        self.settings = settings
        self.describe = describe
        self.setCondition = setCondition
        state = Mutex(State(flows: RecordedFlows(records: FlowRecords(limit: settings.limit))))
    }

    /// How many records there are, and how many had to make room.
    package var counts: (records: Int, forgotten: UInt64) {
        state.withLock { ($0.flows.records.count, $0.flows.records.forgotten) }
    }

    /// Takes a flow; quick, and without I/O.
    package func record(_ flow: Flow) {
        state.withLock { state in
            if state.flows.records.add(flow) { state.isChanged = true }
        }
    }

    /// Reads what was recorded before, then writes now and then until the task is
    /// cancelled, and once more at the end.
    package func run() async {
        let directory = RecordDirectory(settings.directory, fallback: settings.fallback)
        await setCondition(Self.directorySubject, directory.trouble)
        await load(directory)
        var pause = settings.pause
        while (try? await Task.sleep(for: pause)) != nil {
            // A large file takes its time: at most a twentieth of all.
            pause = max(settings.pause, await save(directory) * 20)
        }
        await save(directory)
    }

    /// Writes what came after `run` was over.
    package func finish() async { await save(RecordDirectory(settings.directory, fallback: settings.fallback)) }

    private func load(_ directory: RecordDirectory) async {
        do {
            guard let (flows, broken) = try RecordFile.read(directory.file, limit: settings.limit) else { return }
            state.withLock { state in
                let new = state.flows
                state.flows = flows
                state.flows.merge(new)
                if broken != nil { state.isChanged = true }
            }
            guard let broken else { return }
            let aside = try directory.setAside()
            await setCondition(
                Self.fileSubject,
                "\(directory.file) is broken: \(broken); it is kept as \(aside), and its "
                    + "\(flows.records.count) records that can be read are used")
        } catch {
            await setCondition(
                Self.fileSubject, "\(directory.file) cannot be read: \(error); recording goes on without it")
        }
    }

    /// - Returns: how long it took.
    @discardableResult
    private func save(_ directory: RecordDirectory) async -> Duration {
        guard let records = drainChanged() else { return .zero }
        let begun = ContinuousClock.now
        let known = await describe(records.services, records.namespaces)
        let flows = state.withLock { state in
            state.flows.cluster.merge(known)
            state.flows.cluster = state.flows.cluster.concerning(state.flows.records.mentioned)
            return state.flows
        }
        do {
            try RecordFile.write(flows, to: directory.file)
            await setCondition(Self.fileSubject, nil)
        } catch {
            state.withLock { $0.isChanged = true }
            await setCondition(
                Self.fileSubject,
                "\(directory.file) cannot be written: \(error); what was seen stays in memory, and is tried again")
        }
        return ContinuousClock.now - begun
    }

    /// What the records speak of, if there is something to write.
    private func drainChanged() -> (services: Set<NamespacedName>, namespaces: Set<String>)? {
        let records: FlowRecords? = state.withLock { state in
            guard state.isChanged else { return nil }
            state.isChanged = false
            return state.flows.records
        }
        return records?.mentioned
    }
}
