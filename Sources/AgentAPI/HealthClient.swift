import AgentConfiguration
import Glibc
import LinuxBase
import SystemPackage

/// Asks the agent on its own socket how it is: nobody else can answer there, as the directory is root's.
public enum HealthClient {
    public struct Answer: Hashable, Sendable {
        public var isWell: Bool
        public var text: String
    }

    /// - Parameters:
    ///   - path: `/healthz` or `/readyz`.
    ///   - directory: the agent's state directory.
    ///   - seconds: for the whole answer.
    /// - Throws: if nobody listens there, or what comes is no answer.
    public static func ask(_ path: String, in directory: String, within seconds: Int = 4) throws -> Answer {
        let socket = try FlowSocket("\(directory)/\(Configuration.healthSocketName)").connect()
        return try socket.closeAfter {
            var patience = timeval(tv_sec: seconds, tv_usec: 0)
            for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
                setsockopt(socket.rawValue, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
            }
            try socket.writeAll("GET \(path) HTTP/1.1\r\nhost: sluice\r\nconnection: close\r\n\r\n".utf8)
            return try answer(String(decoding: FileSystem.readToEnd(socket), as: UTF8.self))
        }
    }

    /// Of a status line, header fields, an empty line and a body (RFC 9112).
    private static func answer(_ text: String) throws -> Answer {
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count > 1, let status = Int(words[1]), let empty = lines.firstIndex(of: "") else {
            throw AgentError("the agent's answer cannot be read")
        }
        return Answer(isWell: status == 200, text: lines[(empty + 1)...].joined(separator: "\r\n"))
    }
}
