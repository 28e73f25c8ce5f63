import ArgumentParser
import KernelDatapath
import SystemPackage

/// Something that ends the command: said on standard error, with an exit status.
struct Failure: Error, CustomStringConvertible {
    /// Exit status 2: what the user gave cannot be used. 1: it is not as wanted.
    var status: Int32
    var description: String

    static func badInput(_ message: String) -> Failure { Failure(status: 2, description: message) }
    static func notSo(_ message: String) -> Failure { Failure(status: 1, description: message) }
}

/// Says something on standard error.
func complain(_ message: String) {
    _ = try? FileDescriptor.standardError.writeAll("sluice: \(message)\n".utf8)
}

/// Runs a command's body; a failure is said and becomes the exit status.
func exiting(_ body: () throws -> Void) throws {
    do {
        try body()
    } catch let failure as Failure {
        complain(failure.description)
        throw ExitCode(failure.status)
    } catch let error as KernelError {
        complain(error.description)
        throw ExitCode(1)
    }
}
