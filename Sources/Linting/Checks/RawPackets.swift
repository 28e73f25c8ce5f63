import PolicyCompiler
import PolicyModel

/// Isolated pods that can send frames past enforcement.
extension LintContext {
    mutating func keepsNetRaw() -> [Finding] {
        isolated { $0.keepsNetRaw && !$0.hostNetwork }.map { found in
            let owner = found.workload.map { "\($0) keeps CAP_NET_RAW in \(found.pods)" } ?? "keeps CAP_NET_RAW"
            return Finding(
                .warning, .keepsNetRaw, ObjectReference(.pod, found.example.key),
                field: "spec.containers[].securityContext.capabilities",
                "\(owner), though \(found.policy) isolates it: frames from AF_PACKET sockets pass below enforcement",
                suggestion: "write securityContext: {capabilities: {drop: [NET_RAW]}} into every container, "
                    + "or drop: [ALL]")
        }
    }
}
