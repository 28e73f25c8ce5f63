import FoundationEssentials
import Glibc
import PacketLab
import TestHarness

/// etcd and kube-apiserver on a machine of their own in a lab's network. No controller, scheduler
/// or kubelet: what those would do, the test does.
final class ControlPlane {
    /// What the machine is called in the network, where the server listens.
    static let address = "192.0.2.10"
    /// The first address of the services' range, where clients in the cluster look for the server:
    /// ``connections`` answers there, as kube-proxy would have it.
    static let serviceAddress = "10.96.0.1"
    static let port: UInt16 = 6443
    static let issuer = "https://kubernetes.default.svc.cluster.local"

    let directory: String
    let certificates: Certificates
    let audit: AuditLog
    /// The way of everyone but kubectl to the server.
    let connections: ConnectionProxy

    private let lab: Lab
    let machine: NetworkNamespace
    let binaries: Binaries
    private var etcd: Program?
    private(set) var server: Program?
    /// How many texts kubectl was given.
    var documents = 0

    /// Ready when it returns.
    init(_ lab: Lab, _ network: Network) throws {
        self.lab = lab
        directory = "\(lab.directory)/control-plane"
        binaries = try Binaries()
        machine = try network.host("control-plane", Self.address, Self.serviceAddress)
        guard mkdir(directory, 0o700) == 0 else { throw LabError("mkdir \(directory)") }
        certificates = try Certificates(in: directory)
        audit = try AuditLog(in: directory)
        connections = try ConnectionProxy(
            in: machine, at: Endpoint(Self.serviceAddress, 443), to: Endpoint(Self.address, Self.port))
        try makeKeys()
        try launchEtcd()
        try launchServer()
        try awaitReady()
    }

    private func makeKeys() throws {
        try certificates.issue(
            "serving", subject: "/CN=kube-apiserver",
            alternatives: "IP:\(Self.address),IP:\(Self.serviceAddress),DNS:kubernetes.default.svc")
        try certificates.issue("admin", subject: "/O=system:masters/CN=admin")
        try openssl(["genrsa", "-out", "\(directory)/accounts.key", "2048"])
        try openssl(
            ["rsa", "-in", "\(directory)/accounts.key", "-pubout", "-out", "\(directory)/accounts.pub"])
    }

    // MARK: Its programs

    private func launchEtcd() throws {
        etcd = try launch(
            "etcd",
            [
                binaries.etcd, "--data-dir", "\(directory)/etcd",
                "--listen-client-urls", "http://127.0.0.1:2379",
                "--advertise-client-urls", "http://127.0.0.1:2379",
                "--listen-peer-urls", "http://127.0.0.1:2380",
            ])
    }

    func launchServer() throws {
        server = try launch(
            "kube-apiserver",
            [
                binaries.server, "--etcd-servers=http://127.0.0.1:2379",
                "--bind-address=\(Self.address)", "--secure-port=\(Self.port)",
                "--advertise-address=\(Self.address)",
                "--tls-cert-file=\(directory)/serving.crt",
                "--tls-private-key-file=\(directory)/serving.key",
                "--client-ca-file=\(certificates.authority)", "--anonymous-auth=false",
                "--authorization-mode=Node,RBAC", "--enable-admission-plugins=NodeRestriction",
                // It waits for tokens and accounts that a controller would make.
                "--disable-admission-plugins=ServiceAccount",
                "--service-account-issuer=\(Self.issuer)", "--api-audiences=\(Self.issuer)",
                "--service-account-key-file=\(directory)/accounts.pub",
                "--service-account-signing-key-file=\(directory)/accounts.key",
                "--service-cluster-ip-range=10.96.0.0/16", "--allow-privileged=true",
                // Watches of policies go through to etcd, and end with 410 when it is compacted.
                "--watch-cache-sizes=networkpolicies.networking.k8s.io#0",
            ] + audit.arguments)
    }

    private func launch(_ name: String, _ command: [String]) throws -> Program {
        try lab.launch(
            command, in: lab.cgroup("control-plane"), machine, output: "\(directory)/\(name).log")
    }

    func awaitReady() throws {
        try blockUntil(
            "kube-apiserver is ready", within: .seconds(60), every: .milliseconds(100), describing: { log },
            unless: { etcd?.hasEnded != false || server?.hasEnded != false },
            { try run(["get", "--raw", "/readyz"]).status == 0 })
    }

    /// The end of the server's log.
    var log: String {
        let text = (try? String(contentsOfFile: "\(directory)/kube-apiserver.log", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(20).joined(separator: "\n")
    }

    // MARK: Faults

    /// Ends the server with SIGKILL; etcd keeps what there is.
    func killServer() {
        server?.kill()
        server = nil
    }

    /// The server's process stands still; its connections stay open.
    func freezeServer() { signalServer(SIGSTOP) }
    func thawServer() { signalServer(SIGCONT) }

    private func signalServer(_ number: Int32) {
        if let server, !server.hasEnded { kill(server.pid, number) }
    }

    /// Makes etcd forget every revision but the newest.
    func compact() throws {
        struct Answer: Decodable {
            var header: Header
            struct Header: Decodable { var revision: String }
        }
        let now = try etcdCall("range", #"{"key": "AA=="}"#)
        let revision = try JSONDecoder().decode(Answer.self, from: Data(now.utf8)).header.revision
        _ = try etcdCall("compaction", #"{"revision": "\#(revision)", "physical": true}"#)
    }

    /// By etcd's gateway for JSON.
    private func etcdCall(_ call: String, _ body: String) throws -> String {
        let (status, output) = try machine.enter {
            try Command.run(
                "curl", ["-sS", "--fail", "-X", "POST", "-d", body, "http://127.0.0.1:2379/v3/kv/\(call)"])
        }
        guard status == 0 else { throw LabError("etcd \(call)", output) }
        return output
    }
}
