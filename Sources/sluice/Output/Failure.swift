import ArgumentParser
import KernelDatapath
import PolicyModel
import SystemPackage

/// Something that ends the command: said on standard error, with an exit status.
struct Failure: Error, CustomStringConvertible {
    /// Exit status 2: what the user gave cannot be used. 1: it is not as wanted.
    var status: Int32
    var description: String

    static func badInput(_ message: String) -> Failure { Failure(status: 2, description: message) }
    static func failed(_ message: String) -> Failure { Failure(status: 1, description: message) }
}

/// Says something on standard error.
func complain(_ message: String) {
    _ = try? FileDescriptor.standardError.writeAll("sluice: \(message.printableLines)\n".utf8)
}

/// Runs a command's body; a failure is said and becomes the exit status.
func exiting(_ body: () throws -> Void) throws {
    do {
        try body()
    } catch {
        throw exit(for: error)
    }
}

/// The same for a body that waits for others.
func exiting(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch {
        throw exit(for: error)
    }
}

private func exit(for error: any Error) -> any Error {
    switch error {
    case let failure as Failure:
        complain(failure.description)
        return ExitCode(failure.status)
    case let error as KernelError:
        complain(error.description)
        return ExitCode(1)
    default: return error
    }
}
