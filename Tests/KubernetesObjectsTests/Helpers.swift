import KubernetesObjects
import PolicyModel
import Testing

/// The objects and diagnostics of a text as of a file.
func read(_ text: String) throws -> Manifest {
    try ManifestReader().read(Array(text.utf8), file: "test.yaml")
}

/// The one object of a text that must be read without an error.
func readOne(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> ClusterObject {
    let manifest = try read(text)
    #expect(manifest.diagnostics.filter { $0.severity == .error } == [], sourceLocation: sourceLocation)
    return try #require(manifest.objects.first?.object, sourceLocation: sourceLocation)
}

/// A policy `x/p` with the given `spec` in JSON, and what was said of it.
func readPolicy(spec: String) throws -> (policy: NetworkPolicy, errors: [Diagnostic]) {
    let manifest = try read(
        """
        {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
         "metadata": {"name": "p", "namespace": "x"}, "spec": \(spec)}
        """)
    guard case .networkPolicy(let policy) = try #require(manifest.objects.first).object else {
        throw TextError("not a policy")
    }
    return (policy, manifest.diagnostics.filter { $0.severity == .error })
}

func readPod(_ fields: String) throws -> (pod: Pod, diagnostics: [Diagnostic]) {
    let manifest = try read(
        "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"a\", \"namespace\": \"x\"}, \(fields)}")
    guard case .pod(let pod) = try #require(manifest.objects.first).object else {
        throw TextError("not a pod")
    }
    return (pod, manifest.diagnostics)
}

func prefix(_ text: String) throws -> Prefix { try #require(Prefix(text)) }
func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }
