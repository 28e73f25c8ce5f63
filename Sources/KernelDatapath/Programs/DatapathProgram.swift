import CLibbpf

/// The programs of bpf/src/sluice.bpf.c, in the order in which they are attached.
///
/// Ingress is first: a peer's datagram that arrives before egress begins to
/// judge is then remembered, and its reply passes.
public enum DatapathProgram: String, CaseIterable, Hashable, Sendable {
    case ingress = "sluice_ingress"
    case egress = "sluice_egress"
    case connect4 = "sluice_connect4"
    case connect6 = "sluice_connect6"
    case sendmsg4 = "sluice_sendmsg4"
    case sendmsg6 = "sluice_sendmsg6"

    var attachType: bpf_attach_type {
        switch self {
        case .ingress: BPF_CGROUP_INET_INGRESS
        case .egress: BPF_CGROUP_INET_EGRESS
        case .connect4: BPF_CGROUP_INET4_CONNECT
        case .connect6: BPF_CGROUP_INET6_CONNECT
        case .sendmsg4: BPF_CGROUP_UDP4_SENDMSG
        case .sendmsg6: BPF_CGROUP_UDP6_SENDMSG
        }
    }
}
