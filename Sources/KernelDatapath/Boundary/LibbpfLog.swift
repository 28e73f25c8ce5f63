import CLibbpfShim

/// What libbpf says while something is done; it never prints by itself.
enum LibbpfLog {
    /// How many of the last lines an error carries.
    private static let kept = 24

    /// Runs `body` and, if it throws, adds libbpf's last lines to the error.
    static func explaining<Result: ~Copyable>(
        _ body: () throws(KernelError) -> Result
    ) throws(KernelError) -> Result {
        sluice_log_begin()
        do {
            let result = try body()
            _ = sluice_log_end()
            return result
        } catch {
            var error = error
            error.context += lastLines(of: String(cString: sluice_log_end()))
            throw error
        }
    }

    private static func lastLines(of text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).suffix(kept).map(String.init)
    }
}
