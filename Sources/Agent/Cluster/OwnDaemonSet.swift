import FoundationEssentials
package import KubernetesClient
package import PolicyModel

/// The DaemonSet that runs the agent: whether it will run another after it.
///
/// Needs the verb get on pods and daemonsets of the agent's own namespace.
package struct OwnDaemonSet: Sendable {
    package enum Fate: Hashable, Sendable {
        case stays
        /// With the reason.
        case ends(String)
        /// It could not be asked.
        case unknown(String)
    }

    private let transport: any APITransport
    /// The agent's own.
    private let pod: NamespacedName
    /// For the API server's answer: an agent that is stopped has ten seconds.
    private let patience: Duration

    package init(_ transport: any APITransport, pod: NamespacedName, patience: Duration = .seconds(3)) {
        self.transport = transport
        self.pod = pod
        self.patience = patience
    }

    private struct Object: Decodable {
        struct Metadata: Decodable {
            var deletionTimestamp: String?
            var ownerReferences: [Owner]?
        }
        struct Owner: Decodable {
            var kind: String
            var name: String
            var controller: Bool?
        }
        var metadata: Metadata
    }

    /// The DaemonSet's name; nil where the agent's pod has none. Reads the DaemonSet too: that it may be read
    /// now tells later what a refusal means.
    package func name() async throws -> String? {
        let owners = try await read("/api/v1/namespaces/\(pod.namespace)/pods/\(pod.name)").metadata.ownerReferences
        guard let owner = owners?.first(where: { $0.controller == true && $0.kind == "DaemonSet" }) else { return nil }
        _ = try await read(path(owner.name))
        return owner.name
    }

    /// - Parameter name: of a DaemonSet that could be read before.
    package func fate(_ name: String) async -> Fate {
        do {
            let isDeleted = try await read(path(name)).metadata.deletionTimestamp != nil
            return isDeleted ? .ends("DaemonSet \(name) is being deleted") : .stays
        } catch let error as APIError {
            return switch error.code {
            case .status(404): .ends("DaemonSet \(name) is gone")
            // Deleting an installation takes the account and its rights away too, in any order.
            case .status(401), .status(403): .ends("the agent's account has lost its rights")
            default: .unknown("\(error)")
            }
        } catch {
            return .unknown("\(error)")
        }
    }

    private func path(_ name: String) -> String { "/apis/apps/v1/namespaces/\(pod.namespace)/daemonsets/\(name)" }

    private func read(_ path: String) async throws -> Object {
        let request = APIRequest(.get, path, patience: patience, silence: patience)
        return try await JSONDecoder().decode(Object.self, from: Data(transport.send(request).bytes()))
    }
}
