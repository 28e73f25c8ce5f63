import Glibc
import LinuxBase
import SystemPackage

/// Short-lived programs.
public enum Command {
    /// Runs a program to its end.
    ///
    /// - Parameter input: its standard input; must fit a pipe (64 KiB).
    /// - Returns: the exit status, and what it wrote to standard output and error.
    public static func run(
        _ program: String, _ arguments: [String], input: String = ""
    ) throws(LabError) -> (status: Int32, output: String) {
        var input = input
        var stdin = try pipe()
        var stdout = try pipe()
        let fits = input.utf8.count <= 65_536
        guard fits, input.withUTF8({ write(stdin.writeEnd, $0.baseAddress, $0.count) }) >= 0 else {
            throw LabError(program, "input too long")
        }
        stdin.closeWriteEnd()
        let process = try spawn(
            program, arguments, standard: (stdin.readEnd.raw, stdout.writeEnd, stdout.writeEnd))
        stdout.closeWriteEnd()
        let output = try? FileSystem.readToEnd(FileDescriptor(rawValue: stdout.readEnd.raw))
        return (process.wait(), String(decoding: output ?? [], as: UTF8.self))
    }

    /// - Parameter standard: the three standard descriptors; -1 keeps this process's own.
    static func spawn(
        _ program: String, _ arguments: [String], standard: (Int32, Int32, Int32)
    ) throws(LabError) -> ChildProcess {
        func stream(_ descriptor: Int32) -> ChildProcess.Stream {
            descriptor >= 0 ? .descriptor(descriptor) : .inherited
        }
        var options = ChildProcess.Options()
        options.input = stream(standard.0)
        options.output = stream(standard.1)
        options.error = stream(standard.2)
        do {
            return try ChildProcess.start(program, arguments, options)
        } catch {
            throw LabError("start of \(program)", errno: error.rawValue)
        }
    }

    private static func pipe() throws(LabError) -> Pipe {
        do {
            return try Pipe()
        } catch {
            throw LabError("pipe", errno: error.rawValue)
        }
    }
}
