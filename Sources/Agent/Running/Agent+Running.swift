import AgentAPI
import AgentConfiguration
import CLastWords
import Glibc
import KernelDatapath
import Logging
import LinuxBase
import SystemPackage

/// The agent's life, and what is written down of it.
extension Agent {
    /// Reads how the agent before this one ended, and begins this one's record: from here on no end is without
    /// a word.
    static func beginRun(in directory: String, startedAt: Int, logFormat: Configuration.LogFormat) -> PreviousRun {
        let path = FilePath("\(directory)/\(RunRecord.lastWordsName)")
        let now = RunRecord(startedAt: startedAt)
        let last = try? RunRecord.read(from: directory)
        let words = (try? FileSystem.read(path, limit: 1 << 12)) ?? []
        let previous = PreviousRun(
            end: RunEnd(last, words: String(decoding: words, as: UTF8.self), now: now), last: last)
        let file = try? FileDescriptor.open(
            path, .writeOnly, options: [.create, .truncate, .closeOnExec, .noFollow], permissions: .ownerReadWrite)
        sluice_last_words_begin(file?.rawValue ?? -1, logFormat == .json ? 1 : 0)
        try? now.write(to: directory)
        return previous
    }

    /// Writes down now and then that the agent is there, until the task is cancelled.
    nonisolated func recordRun() async {
        repeat {
            await saveRun()
        } while (try? await Task.sleep(for: rhythm.runRecord)) != nil
    }

    /// - Parameter hasStopped: whether these are the last words of a clean stop.
    nonisolated func saveRun(hasStopped: Bool = false) async {
        var record = RunRecord(startedAt: startedAt)
        record.hasStopped = hasStopped
        let directory = configuration.stateDirectory
        do {
            try await Task.detached { [record] in try record.write(to: directory) }.value
            await setCondition("run record", nil)
        } catch {
            await setCondition("run record", "\(directory) cannot be written: \(error)")
        }
    }

    func reportPreviousRun() {
        guard let text = previousRun.text else { return }
        if previousRun.isTrouble { logger.warning("\(text)") } else { logger.info("\(text)") }
    }

    /// What should run and does not, by name, with the reason.
    var idleTasks: [String: String] {
        var idle = endedTasks
        if let failure = events?.failure { idle["reading flow events"] = "\(failure)" }
        if let failure = answers?.failure { idle["reading resolvers' answers"] = "\(failure)" }
        for name in ["health endpoint", "health socket"] { idle[name] = conditions[name] }
        return idle
    }

    /// - Parameter reason: nil once it runs again.
    func taskEnded(_ name: String, _ reason: String?) {
        endedTasks[name] = reason
        setCondition("task \(name)", reason)
        updateReadiness()
    }

    /// Says what keeps the readers from reading; they try it again by themselves.
    func checkReaders() {
        setCondition("reading flow events", events?.failure.map { "\($0)" })
        setCondition("reading resolvers' answers", answers?.failure.map { "\($0)" })
    }
}
