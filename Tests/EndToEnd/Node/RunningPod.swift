import PacketLab

/// A pod that runs: its process in the container's cgroup, and what the API calls it.
final class RunningPod {
    let pod: Pod
    let uid: String
    /// The pod's own cgroup, above its containers'.
    let cgroup: Cgroup
    let process: PodProcess
    /// Where its packets end, if it is on a wire.
    let wire: Wire?

    init(pod: Pod, uid: String, cgroup: Cgroup, process: PodProcess, wire: Wire?) {
        self.pod = pod
        self.uid = uid
        self.cgroup = cgroup
        self.process = process
        self.wire = wire
    }

    /// Connects, sends, and gets the bytes back.
    func tcp(_ to: Endpoint, timeoutMs: Int = 1000) throws -> ErrnoName {
        try process.run(.tcpExchange(to: to, bytes: [1], timeoutMs: timeoutMs)).result
    }

    func udp(_ to: Endpoint, timeoutMs: Int = 1000) throws -> ErrnoName {
        try process.run(.udpExchange(to: to, bytes: [1], timeoutMs: timeoutMs)).result
    }
}
