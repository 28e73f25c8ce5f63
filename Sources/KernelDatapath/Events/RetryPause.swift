/// How long to wait before something that failed is tried again: twice as long each time, two seconds at most,
/// so that the buffer does not run full meanwhile.
package struct RetryPause: Sendable {
    package init() {}

    /// - Parameter attempts: how often in a row it failed, from 1.
    package func milliseconds(after attempts: Int) -> Int { min(100 << min(attempts - 1, 5), 2_000) }
}
