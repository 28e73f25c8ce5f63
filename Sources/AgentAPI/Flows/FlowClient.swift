import FoundationEssentials
public import Flows
import SystemPackage

/// Why the agent cannot be asked.
public enum FlowClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nobody listens at the path.
    case nobodyThere(String)
    case unreachable(String, reason: String)
    /// It understood and refused.
    case refused(String)
    /// It ended before it was done.
    case brokenOff
    case unreadable(String)

    public var description: String {
        switch self {
        case .nobodyThere(let path): "no agent listens at \(path)"
        case .unreachable(let path, let reason): "the agent cannot be asked at \(path): \(reason)"
        case .refused(let reason): "the agent refuses: \(reason)"
        case .brokenOff: "the agent has ended the connection"
        case .unreadable(let reason):
            "the agent's answer cannot be read; take the tool and the agent from one release: \(reason)"
        }
    }
}

/// Asks the agent for flows. Every call waits for it.
public final class FlowClient {
    private let socket: FileDescriptor
    private var bytes: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    /// Whole lines, the next one last.
    private var lines: [ArraySlice<UInt8>] = []
    private let decoder = JSONDecoder()

    /// Connects and asks.
    ///
    /// - Parameter path: of the agent's socket.
    public init(_ path: String, _ request: FlowRequest) throws(FlowClientError) {
        do {
            socket = try FlowSocket(path).connect()
        } catch Errno.noSuchFileOrDirectory, Errno.connectionRefused {
            throw .nobodyThere(path)
        } catch {
            throw .unreachable(path, reason: "\(error)")
        }
        do {
            _ = try socket.writeAll(JSONEncoder().encode(request) + [UInt8(ascii: "\n")])
        } catch {
            throw .unreachable(path, reason: "\(error)")
        }
    }

    deinit { try? socket.close() }

    /// Whether the next answer is there already.
    public var hasMore: Bool { !lines.isEmpty }

    /// The next flow, or how many were lost; nil after the last.
    public func next() throws(FlowClientError) -> FlowAnswer? {
        while lines.isEmpty { try receive() }
        let line = lines.removeLast()
        let answer: FlowAnswer
        do {
            answer = try decoder.decode(FlowAnswer.self, from: Data(line))
        } catch {
            throw .unreadable("\(error)")
        }
        switch answer {
        case .flow, .lost: return answer
        case .error(let reason): throw .refused(reason)
        case .end: return nil
        }
    }

    private func receive() throws(FlowClientError) {
        do {
            let count = try buffer.withUnsafeMutableBytes { try socket.read(into: $0) }
            guard count > 0 else { throw FlowClientError.brokenOff }
            bytes += buffer[..<count]
        } catch {
            throw .brokenOff
        }
        guard let last = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return }
        lines = bytes[..<last].split(separator: UInt8(ascii: "\n")).reversed()
        bytes.removeSubrange(...last)
    }
}
