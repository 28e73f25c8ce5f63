import AgentConfiguration
import KernelDatapath
import NIOPosix

/// The tuples that pods may reply to, of which the programs keep each pod's share.
extension Agent {
    /// Removes what is out of date now and then, until the task is cancelled.
    nonisolated func removeOldReplies() async {
        let pins = configuration.pins
        while (try? await Task.sleep(for: rhythm.comparison)) != nil {
            do {
                _ = try await NIOThreadPool.singleton.runIfActive {
                    try OldReplies(pins: pins).remove(at: KernelClock.now())
                }
                await setCondition("replies", nil)
            } catch {
                await setCondition("replies", "old tuples stay, within the pods' shares: \(error)")
            }
        }
    }
}
