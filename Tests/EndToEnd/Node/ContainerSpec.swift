import FoundationEssentials
import PacketLab

/// Of a DaemonSet, what says how its container runs.
struct ContainerSpec: Decodable {
    struct Container: Decodable {
        struct Variable: Decodable {
            struct Source: Decodable {
                struct Field: Decodable { var fieldPath: String }
                var fieldRef: Field?
            }
            var name: String
            var value: String?
            var valueFrom: Source?
        }
        struct Mount: Decodable {
            var name: String
            var mountPath: String
            var readOnly: Bool?
        }
        struct Context: Decodable {
            struct Capabilities: Decodable {
                var add: [String]
                var drop: [String]
            }
            var capabilities: Capabilities
            var readOnlyRootFilesystem: Bool
            var allowPrivilegeEscalation: Bool
            var privileged: Bool?
        }
        struct Probe: Decodable {
            struct Exec: Decodable { var command: [String] }
            var exec: Exec
        }
        var args: [String]
        var env: [Variable]
        var volumeMounts: [Mount]
        var securityContext: Context
        var readinessProbe: Probe
        var livenessProbe: Probe
    }
    struct Volume: Decodable {
        struct Host: Decodable { var path: String }
        struct Map: Decodable { var name: String }
        var name: String
        var hostPath: Host?
        var configMap: Map?
    }
    var containers: [Container]
    var volumes: [Volume]
    var hostNetwork: Bool?

    /// The template of a kustomization's DaemonSet, with what the server adds to it.
    ///
    /// - Parameter folder: of the kustomization.
    init(_ controlPlane: ControlPlane, kustomization folder: String) throws {
        struct List: Decodable { var items: [Item] }
        struct Item: Decodable {
            struct Spec: Decodable { var template: Template? }
            struct Template: Decodable { var spec: ContainerSpec }
            var kind: String
            var spec: Spec?
        }
        let text = try controlPlane.kubectl("apply", "--dry-run=server", "-k", folder, "-o", "json")
        let items = try JSONDecoder().decode(List.self, from: Data(text.utf8)).items
        guard let template = items.first(where: { $0.kind == "DaemonSet" })?.spec?.template else {
            throw LabError(folder, "it has no DaemonSet")
        }
        self = template.spec
    }
}
