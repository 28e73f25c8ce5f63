import AgentAPI
import AgentConfiguration
import Glibc
import Synchronization
import SystemPackage

/// The recorded flows of several nodes, as files that go when the process ends.
struct RecordCopies {
    private static let made = Mutex<[String]>([])

    private(set) var paths: [String] = []

    /// A node that has none, or that cannot be asked, is told of and left out.
    init(_ kubectl: Kubectl, of agents: [Kubectl.Agent]) throws(Failure) {
        atexit { RecordCopies.made.withLock { for path in $0 where unlink(path) != 0 { _ = rmdir(path) } } }
        var template = Array("/tmp/sluice-records-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw .failed("no directory can be made below /tmp: \(String(cString: strerror(errno)))")
        }
        let directory = String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        Self.made.withLock { $0 = [directory] }
        let source =
            "\(Configuration.recordDirectory(stateDirectory: Configuration().stateDirectory))/\(RecordFile.fileName)"
        for agent in agents {
            do {
                try keep(try kubectl.contents(of: source, in: agent), at: "\(directory)/\(agent.node).jsonl")
            } catch {
                complain("node \(agent.node) is left out: \(error)")
            }
        }
        guard !paths.isEmpty else { throw .failed("no node has recorded flows at \(source)") }
    }

    private mutating func keep(_ bytes: [UInt8], at path: String) throws {
        // Files first, for the directory to be empty then.
        Self.made.withLock { $0.insert(path, at: 0) }
        let file = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: .ownerReadWrite)
        _ = try file.closeAfter { try file.writeAll(bytes) }
        paths.append(path)
    }
}
