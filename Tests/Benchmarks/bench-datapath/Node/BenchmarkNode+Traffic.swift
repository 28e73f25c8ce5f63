import BenchmarkSupport
import Glibc
import PacketLab

extension BenchmarkNode {
    /// Something that sends from the pod.
    struct Client {
        var command: [String]
        var program: Program
        /// What it writes.
        var output: String
    }

    static func traffic(_ pattern: Pattern) -> [String] {
        ["/proc/\(getpid())/exe", "traffic", pattern.rawValue]
    }

    /// Has this program send from the pod.
    ///
    /// - Returns: the seconds that it took.
    @discardableResult
    func run(_ pattern: Pattern, count: Int, first: Int = 0, among prefixes: Int = 1) throws -> Double {
        let text = try run(
            Self.traffic(pattern) + ["--count", "\(count)", "--first", "\(first)", "--among", "\(prefixes)"])
        guard let seconds = text.split(separator: "\n").last.flatMap({ Double($0) }) else {
            throw failure([pattern.rawValue], text)
        }
        return seconds
    }

    /// Runs a program in the pod to its end.
    ///
    /// - Returns: what it wrote.
    func run(_ command: [String]) throws -> String { try end(of: start(command)) }

    /// Has this program send from the pod until it is killed.
    func start(_ pattern: Pattern) throws -> Client {
        try start(Self.traffic(pattern) + ["--count", "\(Int.max)"])
    }

    /// Waits for the end.
    ///
    /// - Returns: what it wrote.
    func end(of client: Client) throws -> String {
        defer { unlink(client.output) }
        let end = secondsNow() + 120
        while !client.program.hasEnded {
            guard secondsNow() < end else {
                client.program.kill()
                throw failure(client.command, "it does not end: \(readText(client.output))")
            }
            usleep(2000)
        }
        return readText(client.output)
    }

    /// Waits until packets go to and fro.
    func waitForTraffic(of client: Client) throws {
        let end = secondsNow() + 20
        let before = try router.packetsSent
        while try router.packetsSent < before + 100 {
            guard secondsNow() < end, !client.program.hasEnded else {
                client.program.kill()
                throw failure(client.command, "it sends nothing: \(readText(client.output))")
            }
            usleep(2000)
        }
    }

    /// What a tool that failed has said, and which server has ended, as that is likely the cause.
    func failure(_ command: [String], _ said: String) -> LibraryError {
        let ended = servers.filter(\.program.hasEnded).map { $0.command.joined(separator: " ") }
        let cause = ended.isEmpty ? "" : "; ended is \(ended.joined(separator: ", ")): \(readText(serversOutput))"
        return LibraryError("\(command.joined(separator: " ")): \(said)\(cause)")
    }
}
