/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The layout of everything the kernel and the agent share.
 *
 * The eBPF programs include this file and Swift imports it as the module
 * CSluice, so each structure is written exactly once. Rules for editing:
 *   - every byte has a name: padding is called `zero` and is zero, because a
 *     map key is compared byte by byte;
 *   - every structure's size is asserted below;
 *   - a change that an older agent could misread raises SLUICE_LAYOUT.
 *
 * Addresses are always 16 bytes in network order; IPv4 stands in its
 * IPv4-mapped form ::ffff:0:0/96 (RFC 4291, section 2.5.5.2).
 */
#ifndef SLUICE_H
#define SLUICE_H

#include <linux/bpf.h>
#include <linux/types.h>

/* The number of this layout. Pins of different layouts never mix. */
#define SLUICE_LAYOUT 3

/* Capacities. Maps without preallocation cost memory only for what they hold. */
#define SLUICE_MAX_PODS 4096
#define SLUICE_MAX_SLOTS 4096
#define SLUICE_MAX_ADDRESSES 4194304
#define SLUICE_MAX_RULES 4194304
#define SLUICE_MAX_PORTS 4194304
#define SLUICE_MAX_REPLIES 65536
#define SLUICE_MAX_RECENT 8192
#define SLUICE_EVENT_BYTES (1 << 20)
#define SLUICE_MAX_LEVELS 8

/* The policy set of a pod that nothing isolates, and of every cgroup whose pod
 * is not known yet: guards apply, all else is allowed. */
#define SLUICE_SET_GUARDS_ONLY 1ULL
/* The address class of every address that no prefix names. */
#define SLUICE_CLASS_OTHER 0ULL

/* The cause of a verdict that no table gave: the packet is source-routed. */
#define SLUICE_CAUSE_SOURCE_ROUTE 1ULL

/* What a rule or a port entry says. Zero denies, so that memory nobody wrote
 * never allows. */
enum sluice_action {
	SLUICE_DENY = 0,  /* no policy allows it */
	SLUICE_ALLOW = 1,
	SLUICE_GUARD = 2, /* denied by a guard: policy's audit mode does not open it */
	SLUICE_PORTS = 3, /* in rules only: ask `ports` */
	SLUICE_AUDIT = 4, /* allowed, but a guard in audit mode would deny it */
	SLUICE_PAST_GUARD = 5, /* allowed past a guard: always reported */
};

/* What became of a packet. Indexes sluice_counters.verdict. */
enum sluice_verdict_kind {
	SLUICE_VERDICT_DENIED = 0,
	SLUICE_VERDICT_ALLOWED = 1,
	SLUICE_VERDICT_AUDIT = 2, /* would be denied, but passed */
	SLUICE_VERDICT_HELD = 3,  /* dropped silently: the pod is not known yet */
	SLUICE_VERDICT_COUNT = 4,
};

/* Who began a flow. */
enum sluice_direction {
	SLUICE_OUTBOUND = 0,
	SLUICE_INBOUND = 1,
};

/* What happens to a cgroup below the attachment whose pod is not known yet. */
enum sluice_posture {
	SLUICE_POSTURE_GUARDS = 0,
	SLUICE_POSTURE_HOLD = 1,
};

/* sluice_config.flags */
#define SLUICE_CONFIG_AUDIT (1U << 0)     /* the whole node is in audit mode */
#define SLUICE_CONFIG_FAIL_FAST (1U << 1) /* connect and sendmsg hooks may refuse */
#define SLUICE_CONFIG_AUDIT_SOCKETS (1U << 2) /* the guard of sockets reports and refuses nothing */

/* sluice_pod.flags */
#define SLUICE_POD_AUDIT (1U << 0)     /* the pod's namespace is in audit mode */
#define SLUICE_POD_ISOLATED (1U << 1)  /* a policy isolates it: UDP replies are remembered */
#define SLUICE_POD_FAIL_SLOW (1U << 2) /* its namespace wants no refusals in connect */
#define SLUICE_POD_ANY_SOCKET (1U << 7) /* the guard of sockets does not apply */

/* Where an event was seen. */
enum sluice_hook {
	SLUICE_HOOK_EGRESS = 0,
	SLUICE_HOOK_CONNECT = 1,
	SLUICE_HOOK_SENDMSG = 2,
};

/* `config`: one entry. */
struct sluice_config {
	__u32 layout;
	__u32 generation; /* a cached verdict of another generation is judged again */
	__u32 posture;    /* enum sluice_posture */
	__u32 flags;      /* SLUICE_CONFIG_* */
	__u64 reply_window_ns;
	/* Depths below the cgroup root at which pods live, deepest first. */
	__u32 level_count;
	__u32 allowed_sampling; /* of so many new allowed flows one is reported; 0: none */
	__u8 levels[SLUICE_MAX_LEVELS];
	__u64 repeat_ns;  /* a flow that repeats is reported again after this long */
	__u32 event_rate; /* events a second, of allowed flows and of all others each; 0: no limit */
	__u32 zero;
};

/* `pods`: cgroup id -> this. */
struct sluice_pod {
	__u64 policy_set;
	__u32 flags; /* SLUICE_POD_* */
	__u32 slot;  /* index into `counters`; 0 is shared by unknown pods */
	__u8 own_v4[16]; /* own IPv4 address (mapped), or all zero */
	__u8 own_v6[16]; /* own IPv6 address, or all zero */
};

/* `addresses`: longest prefix -> class. */
struct sluice_address_key {
	__u32 prefixlen; /* 0 to 128 */
	__u8 address[16];
};
struct sluice_address {
	__u64 address_class;
};

/* `rules`: (policy set, address class) -> what to do. A set always has an entry
 * for SLUICE_CLASS_OTHER; a class without one of its own is judged by that. */
struct sluice_rule_key {
	__u64 policy_set;
	__u64 address_class;
};
struct sluice_rule {
	__u32 action; /* enum sluice_action */
	__u32 zero;
	__u64 port_set; /* when action is SLUICE_PORTS, else 0 */
	__u64 cause;    /* names the policy and rule, for people */
};

/* `ports`: longest prefix over (port set, protocol, port). The prefix covers
 * the set alone (SLUICE_PORT_ANY_PROTOCOL) or set, protocol and some leading
 * bits of the port. */
#define SLUICE_PORT_ANY_PROTOCOL 64
#define SLUICE_PORT_PROTOCOL 80
struct sluice_port_key {
	__u32 prefixlen;
	__u32 port_set[2]; /* low word, high word */
	__u8 protocol;
	__u8 zero;
	__be16 port;
};
struct sluice_port {
	__u32 action; /* SLUICE_DENY, SLUICE_ALLOW or SLUICE_GUARD */
	__u32 zero;
	__u64 cause;
};

/* `verdicts`: the socket's own storage. Threads that share a datagram socket
 * send at the same time, so they read and write it under the lock; the kernel
 * itself lets one thread at a time send on a TCP socket. */
struct sluice_verdict {
	struct bpf_spin_lock lock;
	__u32 generation;
	__u32 slot;
	__u8 verdict;   /* enum sluice_verdict_kind */
	__u8 direction; /* enum sluice_direction */
	__u8 protocol;
	__u8 connection; /* 1 if a TCP socket's: it covers whatever the socket sends */
	__be16 port;
	__u8 inside; /* 1 if judged within the network namespace: it holds nowhere else */
	__u8 zero2;
	__u8 address[16];
	__u32 zero3;
	__u64 cookie; /* of the socket, if a peer ever spoke to it first; else 0 */
};

/* `callers`: the socket's own storage: who called connect or sendmsg last. */
struct sluice_caller {
	__u32 pid;
	__u8 comm[16];
};

/* `replies`: tuples of connectionless flows of isolated pods. */
struct sluice_reply_key {
	__u64 pod; /* the pod's cgroup id */
	__u8 address[16]; /* the remote one */
	__be16 port;
	__be16 local_port;
	__u8 protocol;
	__u8 zero[3];
};
struct sluice_reply {
	__u64 seen_ns; /* bpf_ktime_get_ns() */
	__u64 socket;  /* the cookie of the socket that heard the peer last */
	__u32 direction; /* enum sluice_direction */
	__u32 zero;
};

/* `counters`: slot -> this, per CPU. */
struct sluice_count {
	__u64 packets;
	__u64 bytes;
	/* Judged for the first time: connections, datagram sockets' destinations in
	 * turn, refused calls. */
	__u64 flows;
};
struct sluice_counters {
	struct sluice_count verdict[SLUICE_VERDICT_COUNT];
};

/* `recent`: what was reported lately, so that repeats are counted instead. */
struct sluice_recent_key {
	__u64 pod;
	__u8 address[16];
	__be16 port;
	__u8 protocol;
	__u8 verdict;
	__u32 zero;
};
struct sluice_recent {
	__u64 reported_ns;
	/* What a late report says again; see struct sluice_event. */
	__u64 policy_set;
	__u64 address_class;
	__u64 cause;
	__u32 suppressed;
	__u32 pid;
	__u8 guard;
	__u8 hook;
	__u8 zero[6];
	__u8 comm[16];
};

/* `events`: what the ring buffer carries. */
struct sluice_event {
	__u64 time_ns; /* bpf_ktime_get_ns() */
	__u64 pod;     /* the pod's cgroup id, or the socket's own if no pod is known */
	__u64 policy_set;
	__u64 address_class;
	__u64 cause;
	__u8 address[16];
	__u8 source[16]; /* zero where the hook does not know it */
	__u16 port; /* host order; 0 where the protocol has none */
	__u16 source_port; /* host order; 0 where it is not known */
	__u8 protocol;
	__u8 verdict; /* enum sluice_verdict_kind */
	__u8 guard;   /* 1 if a guard decided, or was passed */
	__u8 hook;    /* enum sluice_hook */
	__u32 pid;   /* 0 where nobody knows it */
	__u32 count; /* how many packets this stands for */
	__u8 comm[16];
};

/* `lost`: one entry per CPU, events that nobody was told of. */
struct sluice_lost {
	__u64 full;    /* the buffer was full */
	__u64 limited; /* more than event_rate */
};

/* `budget`: one entry, events in the current second: 0 all but allowed flows, 1 allowed. */
struct sluice_budget {
	__u64 since_ns[2];
	__u32 used[2];
};

_Static_assert(sizeof(struct sluice_config) == 56, "sluice_config");
_Static_assert(sizeof(struct sluice_pod) == 48, "sluice_pod");
_Static_assert(sizeof(struct sluice_address_key) == 20, "sluice_address_key");
_Static_assert(sizeof(struct sluice_address) == 8, "sluice_address");
_Static_assert(sizeof(struct sluice_rule_key) == 16, "sluice_rule_key");
_Static_assert(sizeof(struct sluice_rule) == 24, "sluice_rule");
_Static_assert(sizeof(struct sluice_port_key) == 16, "sluice_port_key");
_Static_assert(sizeof(struct sluice_port) == 16, "sluice_port");
_Static_assert(sizeof(struct sluice_verdict) == 48, "sluice_verdict");
_Static_assert(sizeof(struct sluice_caller) == 20, "sluice_caller");
_Static_assert(sizeof(struct sluice_reply_key) == 32, "sluice_reply_key");
_Static_assert(sizeof(struct sluice_reply) == 24, "sluice_reply");
_Static_assert(sizeof(struct sluice_counters) == 96, "sluice_counters");
_Static_assert(sizeof(struct sluice_recent_key) == 32, "sluice_recent_key");
_Static_assert(sizeof(struct sluice_recent) == 64, "sluice_recent");
_Static_assert(sizeof(struct sluice_event) == 104, "sluice_event");
_Static_assert(sizeof(struct sluice_lost) == 16, "sluice_lost");
_Static_assert(sizeof(struct sluice_budget) == 24, "sluice_budget");

#endif
