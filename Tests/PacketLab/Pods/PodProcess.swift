import FoundationEssentials
import Glibc

/// A helper process inside a pod's cgroup and network namespace, which sends on request.
///
/// It dies with its parent, when its standard input closes, and by ``kill()``.
public final class PodProcess {
    /// The process id.
    public let pid: Int32
    public let name: String

    private let child: SocketPairChild
    private var nextID = 1
    /// What of the next answer has been read.
    private var pending: [UInt8] = []

    init(name: String, cgroup: String, namespace: String) throws(LabError) {
        self.name = name
        child = try SocketPairChild(
            Executables.packetAgent(),
            ["--name", name, "--cgroup", cgroup, "--netns", namespace])
        pid = child.pid
        // The first answer shows that it has joined both, or why it could not.
        let response = try readResponse(Deadline(afterMs: 10_000))
        guard response.isOK else {
            throw LabError("start of \(name)", response.text ?? response.result.rawValue)
        }
    }

    deinit {
        kill()
    }

    /// Sends one request and waits for its answer, some seconds longer than its own timeout.
    @discardableResult
    public func run(_ request: Request) throws(LabError) -> Response {
        do {
            try child.write(Array(JSONEncoder().encode(request)) + [UInt8(ascii: "\n")])
        } catch let error as LabError {
            throw error
        } catch {
            throw LabError("request to \(name)", "\(error)")
        }
        return try readResponse(Deadline(afterMs: request.ownTimeoutMs + 20_000))
    }

    /// A socket number that this process has not used.
    public func newSocketID() -> SocketID {
        defer { nextID += 1 }
        return nextID
    }

    /// Ends the process now and waits until it is gone.
    public func kill() {
        child.kill()
    }

    public var hasEnded: Bool { child.hasEnded }

    private func readResponse(_ deadline: Deadline) throws(LabError) -> Response {
        while true {
            if let end = pending.lastIndex(of: UInt8(ascii: "\n")) {
                let line = Data(pending[..<end])
                pending.removeAll(keepingCapacity: true)
                do {
                    return try JSONDecoder().decode(Response.self, from: line)
                } catch {
                    throw LabError("answer of \(name)", "\(error)")
                }
            }
            let bytes = try child.read(deadline)
            guard !bytes.isEmpty else { throw LabError("answer of \(name)", "the process has ended") }
            pending += bytes
        }
    }
}
