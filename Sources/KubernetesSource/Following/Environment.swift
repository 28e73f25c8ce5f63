import Glibc

/// Time and chance, which tests replace.
struct Environment: Sendable {
    var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// Seconds since 1970.
    var now: @Sendable () -> Int = { time(nil) }
    var random: @Sendable () -> any RandomNumberGenerator & Sendable = { SystemRandomNumberGenerator() }
}
