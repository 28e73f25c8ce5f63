import FoundationEssentials
package import Flows

/// What is wrong with a request.
package struct UnreadableRequest: Error, CustomStringConvertible {
    package var description: String
}

extension FlowRequest {
    /// - Parameter line: one line of JSON, without its end.
    package init(line: some Collection<UInt8>) throws(UnreadableRequest) {
        do {
            self = try JSONDecoder().decode(FlowRequest.self, from: Data(line))
        } catch let error as DecodingError {
            throw UnreadableRequest(description: error.complaint)
        } catch {
            throw UnreadableRequest(description: "it cannot be read: \(error)")
        }
    }
}

extension DecodingError {
    fileprivate var complaint: String {
        func at(_ path: [any CodingKey]) -> String {
            let name = path.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
            return name.isEmpty ? "" : "field \(name.hasPrefix(".") ? String(name.dropFirst()) : name): "
        }
        return switch self {
        case .keyNotFound(let key, let context): at(context.codingPath + [key]) + "is missing"
        case .typeMismatch(let type, let context): at(context.codingPath) + "is no \(Self.name(type))"
        case .valueNotFound(let type, let context): at(context.codingPath) + "is no \(Self.name(type))"
        case .dataCorrupted(let context): at(context.codingPath) + context.debugDescription
        @unknown default: "it cannot be read"
        }
    }

    private static func name(_ type: Any.Type) -> String {
        switch type {
        case is String.Type: "string"
        case is Bool.Type: "boolean"
        case is Int.Type: "whole number"
        case is [Any].Type: "list"
        default: "object"
        }
    }
}
