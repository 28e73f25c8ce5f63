import Glibc

/// Time and chance, which tests replace.
package struct Environment: Sendable {
    package var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// Seconds since 1970.
    package var now: @Sendable () -> Int = { time(nil) }
    package var random: @Sendable () -> any RandomNumberGenerator & Sendable = { SystemRandomNumberGenerator() }

    package init() {}
}
