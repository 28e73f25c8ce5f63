/// How long a reader waits between two looks that nobody asked for: short while
/// there is something to read, long once there has been nothing for a second.
package struct ReadingPace {
    private static let short: Int32 = 10
    private static let long: Int32 = 100
    private static let patience: Int32 = 1000

    /// For so long nothing was found, in milliseconds.
    private var quiet: Int32 = 0

    package init() {}

    /// In milliseconds.
    package var pause: Int32 { quiet < Self.patience ? Self.short : Self.long }

    /// A look, after a pause, found so many records.
    package mutating func found(_ records: Int32) {
        quiet = records > 0 ? 0 : min(quiet + pause, Self.patience)
    }
}
