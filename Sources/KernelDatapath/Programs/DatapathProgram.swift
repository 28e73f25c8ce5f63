import CLibbpf

/// The programs of bpf/src/sluice.bpf.c, in the order in which they are attached.
///
/// The program at the making of sockets is first, as the others rely on what it notes, and ingress comes before
/// egress: a peer's datagram that arrives before egress begins to judge is then remembered, and its reply passes.
public enum DatapathProgram: String, CaseIterable, Hashable, Sendable {
    case sockCreate = "sluice_sock_create"
    case setsockopt = "sluice_setsockopt"
    case ingress = "sluice_ingress"
    case egress = "sluice_egress"
    case connect4 = "sluice_connect4"
    case connect6 = "sluice_connect6"
    case sendmsg4 = "sluice_sendmsg4"
    case sendmsg6 = "sluice_sendmsg6"

    var attachType: bpf_attach_type {
        switch self {
        case .sockCreate: BPF_CGROUP_INET_SOCK_CREATE
        case .setsockopt: BPF_CGROUP_SETSOCKOPT
        case .ingress: BPF_CGROUP_INET_INGRESS
        case .egress: BPF_CGROUP_INET_EGRESS
        case .connect4: BPF_CGROUP_INET4_CONNECT
        case .connect6: BPF_CGROUP_INET6_CONNECT
        case .sendmsg4: BPF_CGROUP_UDP4_SENDMSG
        case .sendmsg6: BPF_CGROUP_UDP6_SENDMSG
        }
    }

    /// As the kernel's headers name what the program is asked about.
    var hookName: String { libbpf_bpf_attach_type_str(attachType).map(String.init(cString:)) ?? rawValue }

    /// Whether it is asked for the address that a pod means, which another program may replace.
    var seesAddresses: Bool {
        switch self {
        case .connect4, .connect6, .sendmsg4, .sendmsg6: true
        default: false
        }
    }
}
