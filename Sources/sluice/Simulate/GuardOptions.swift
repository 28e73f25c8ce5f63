import AgentConfiguration
import PolicyCompiler
import PolicyModel

/// What the agent's configuration says of guards.
enum GuardOptions {
    /// - Parameter path: the configuration file; nil for the defaults.
    /// - Throws: `Failure` naming what is wrong with the file.
    static func compilerOptions(_ path: String?) throws -> CompilerOptions {
        try configuration(path)?.compilerOptions ?? CompilerOptions()
    }

    /// - Returns: nil where no file is named.
    /// - Throws: `Failure` naming what is wrong with the file.
    static func configuration(_ path: String?) throws -> Configuration? {
        guard let path else { return nil }
        let (read, wrong) = ConfigurationFile.read(try InputFile.read(path), file: path)
        guard wrong.isEmpty else { throw Failure.badInput(wrong.map(\.description).joined(separator: "\n")) }
        return read
    }
}
