import FoundationEssentials
import Glibc
import PacketLab
import TestHarness
import Testing

/// Agents that are led to the server by a kubeconfig.
extension AccessScene {
    /// As the agent sees it, in the folder of its configuration.
    static let kubeconfig = "/etc/sluice/kubeconfig"

    /// - Parameter user: YAML in flow style.
    func kubeconfig(user: String) throws -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: here
        contexts: [{name: here, context: {cluster: this, user: me}}]
        clusters:
          - name: this
            cluster:
              server: https://\(ControlPlane.serviceAddress)
              certificate-authority: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt
        users: [{name: me, user: \(user)}]

        """
    }

    func writeKubeconfig(_ text: String) throws { try write(text, to: "kubeconfig") }

    /// A plugin that knows the agent's token.
    func writePlugin() throws {
        try write(
            """
            read -r token </var/run/secrets/kubernetes.io/serviceaccount/token || true
            cat <<END
            {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
             "status": {"token": "$token"}}
            END

            """, to: "plugin")
    }

    private func write(_ text: String, to name: String) throws {
        try text.write(toFile: "\(agent.directory)/config/\(name)", atomically: false, encoding: .utf8)
    }

    /// Runs the agent on the kubeconfig: it ends, and says the words.
    func failsToStart(_ words: [String]) throws {
        let start = agent.log.count
        try agent.start(also: ["--kubeconfig=\(Self.kubeconfig)"])
        try blockUntil("the agent has ended") { agent.program?.hasEnded == true }
        let log = agent.log.dropFirst(start)
        #expect(words.allSatisfy(log.contains), "\(log)")
        try expectDenied()
    }
}
