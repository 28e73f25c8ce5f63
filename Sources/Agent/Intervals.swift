/// How often the agent does what it does unasked.
package struct Intervals: Sendable {
    /// Looks at cgroups and attachments, and tries again what failed.
    package var verification = Duration.seconds(5)
    /// Reads the kernel's tables back and compares them, while they are small.
    package var comparison = Duration.seconds(60)
    /// Has the programs prove anew that they judge what pods send.
    package var evidence = Duration.seconds(30)
    /// Writes the snapshot, if anything changed.
    package var snapshot = Duration.milliseconds(200)

    /// How long events wait for the source's first word, which names their pods and causes, before they are
    /// told without.
    package var eventsWait = Duration.seconds(10)
    /// Writes down that the agent is there.
    package var runRecord = Duration.seconds(10)

    /// Tables with more entries than this are compared a tenth as often.
    private static let small = 50_000

    package init() {}

    func comparison(entries: Int) -> Duration {
        entries < Self.small ? comparison : comparison * 10
    }

    /// The snapshot of a large node takes its time: at most a twentieth of all.
    func pause(after writing: Duration) -> Duration { max(snapshot, writing * 20) }
}
