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
#define SLUICE_LAYOUT 8

/* Capacities. Maps without preallocation cost memory only for what they hold. */
#define SLUICE_MAX_PODS 4096
#define SLUICE_MAX_SLOTS 4096
#define SLUICE_MAX_ADDRESSES 4194304
#define SLUICE_MAX_RULES 1048576
#define SLUICE_MAX_PORTS 4194304
#define SLUICE_MAX_REPLIES 524288
/* How many of `sluice_replies` one pod may hold: so many pods' shares find room in it. */
#define SLUICE_REPLY_SHARE 8192
#define SLUICE_MAX_CONNECTIONS 65536
#define SLUICE_MAX_DEDUP 8192
#define SLUICE_MAX_NAMES 1048576
#define SLUICE_MAX_RESOLVERS 4096
#define SLUICE_MAX_OWN_ADDRESSES 65536
#define SLUICE_MAX_FAIL_SLOW 1024
#define SLUICE_MAX_QUERIES 65536
#define SLUICE_MAX_LEARNED 131072
#define SLUICE_MAX_HEARD 65536
#define SLUICE_EVENT_BYTES (1 << 20)
#define SLUICE_ANSWER_BYTES (1 << 21)
#define SLUICE_MAX_LEVELS 8

/* What one pod may hold of maps that all pods share: powers of two. */
#define SLUICE_QUERY_SHARE 2048
#define SLUICE_LEARNED_SHARE 4096
#define SLUICE_HEARD_SHARE 1024
/* What the agent notes for a pod has cells of its own in both, behind those. */
#define SLUICE_AGENT_SHARE 1024
/* Bytes of `sluice_dns_events` in a second. */
#define SLUICE_ANSWER_SHARE (1 << 19)

/* The policy set of a pod that nothing isolates, and of every cgroup whose pod
 * is not known yet: guards apply, all else is allowed. */
#define SLUICE_SET_GUARDS_ONLY 1ULL
/* The address class of every address that no prefix names. */
#define SLUICE_CLASS_OTHER 0ULL

/* Set in the class of `sluice_rules` for a name whose answer is a private or a guarded
 * address. Classes of names have it clear. */
#define SLUICE_CLASS_PRIVATE (1ULL << 63)

/* The cause of a verdict that no table gave: the packet is source-routed. */
#define SLUICE_CAUSE_SOURCE_ROUTE 1ULL
/* The same: the packet's source is no address of the pod's own. */
#define SLUICE_CAUSE_FOREIGN_SOURCE 2ULL

/* What a rule or a port entry says. Zero denies, so that memory nobody wrote
 * never allows. */
enum sluice_action {
	SLUICE_DENY = 0, /* no policy allows it */
	SLUICE_ALLOW = 1,
	SLUICE_GUARD = 2,	  /* denied by a guard: policy's audit mode does not open it */
	SLUICE_BY_PORT = 3,	  /* in rules only: ask `sluice_ports` */
	SLUICE_AUDIT = 4,	  /* allowed, but a guard in audit mode would deny it */
	SLUICE_ALLOW_GUARDED = 5, /* allowed past a guard: always reported */
};

/* What became of a packet. Indexes sluice_counters.verdict. */
enum sluice_verdict_kind {
	SLUICE_VERDICT_DENIED = 0,
	SLUICE_VERDICT_ALLOWED = 1,
	SLUICE_VERDICT_AUDIT = 2, /* would be denied, but passed */
	SLUICE_VERDICT_HELD = 3,  /* dropped silently: the pod is not known yet */
	SLUICE_VERDICT_COUNT = 4,
};

/* Who began a flow: the pod, or its peer. Indexes sluice_pod.policy_set: of egress, of ingress. */
enum sluice_direction {
	SLUICE_OUTBOUND = 0,
	SLUICE_INBOUND = 1,
	SLUICE_DIRECTIONS = 2,
};

/* What happens to a cgroup below the attachment whose pod is not known yet. */
enum sluice_posture {
	SLUICE_POSTURE_GUARDS = 0,
	SLUICE_POSTURE_HOLD = 1,
};

/* sluice_config.flags */
#define SLUICE_CONFIG_AUDIT (1U << 0)	      /* the whole node is in audit mode */
#define SLUICE_CONFIG_FAIL_FAST (1U << 1)     /* connect and sendmsg hooks may refuse */
#define SLUICE_CONFIG_AUDIT_SOCKETS (1U << 2) /* the packet-socket guard reports and refuses nothing */
#define SLUICE_CONFIG_SOURCES (1U << 3)	      /* packets leave with a source of the pod's own only */
#define SLUICE_CONFIG_AUDIT_SOURCES (1U << 4) /* others are reported and pass */

/* sluice_pod.flags */
#define SLUICE_POD_AUDIT (1U << 0)	/* the pod's namespace is in audit mode */
#define SLUICE_POD_ISOLATED (1U << 1)	/* a policy isolates it: UDP replies are remembered */
#define SLUICE_POD_FAIL_SLOW (1U << 2)	/* its namespace wants no refusals in connect */
#define SLUICE_POD_NAMES (1U << 3)	/* its policy set has rules for domain names */
#define SLUICE_POD_ADDRESSED (1U << 4)	/* all its own addresses are known */
#define SLUICE_POD_HOST (1U << 5)	/* it shares the host's network namespace */
#define SLUICE_POD_ANY_SOURCE (1U << 6) /* its packets may leave with any source */
#define SLUICE_POD_ANY_SOCKET (1U << 7) /* the packet-socket guard does not apply */

/* Where an event was seen. */
enum sluice_hook {
	SLUICE_HOOK_EGRESS = 0,
	SLUICE_HOOK_CONNECT = 1,
	SLUICE_HOOK_SENDMSG = 2,
};

/* `sluice_config`: one entry. */
struct sluice_config {
	__u32 layout;
	__u32 generation; /* a cached verdict of another generation is judged again */
	__u32 posture;	  /* enum sluice_posture */
	__u32 flags;	  /* SLUICE_CONFIG_* */
	__u64 reply_window_ns;
	/* Depths below the cgroup root at which pods live, deepest first. */
	__u32 level_count;
	__u32 allowed_sampling; /* of so many new allowed flows one is reported; 0: none */
	__u8 levels[SLUICE_MAX_LEVELS];
	__u64 repeat_ns;   /* a flow that repeats is reported again after this long */
	__u32 event_rate;  /* events a second, of allowed flows and of all others each; 0: no limit */
	__u32 ttl_floor;   /* seconds that an answer counts at least */
	__u32 ttl_ceiling; /* and at most */
	__u32 name_grace;  /* seconds that it counts past its time, from its last use on */
};

/* `sluice_pods`: cgroup id -> this. */
struct sluice_pod {
	__u64 policy_set[SLUICE_DIRECTIONS]; /* of enum sluice_direction; nothing reads the inbound one yet */
	__u32 flags;			     /* SLUICE_POD_* */
	__u32 slot;			     /* index into `sluice_counters`; 0 is shared by unknown pods */
	__u8 own_v4[16];		     /* own IPv4 address (mapped), or all zero */
	__u8 own_v6[16];		     /* own IPv6 address, or all zero */
};

/* `sluice_own_addresses`: further addresses of pods' network namespaces, which `sluice_pods` has no room for. */
struct sluice_own_key {
	__u64 pod; /* the pod's cgroup id */
	__u8 address[16];
};

/* `sluice_foreign_sources`: packets whose source was no address of the pod's own, by this index. */
enum sluice_foreign_source {
	SLUICE_FOREIGN_REFUSED = 0,
	SLUICE_FOREIGN_AUDITED = 1,
	SLUICE_FOREIGN_HELD = 2, /* the pod's addresses are not known yet */
	SLUICE_FOREIGN_COUNT = 3,
};

/* `sluice_addresses`: longest prefix -> class. */
struct sluice_address_key {
	__u32 prefixlen; /* 0 to 128 */
	__u8 address[16];
};
struct sluice_address {
	__u64 address_class;
};

/* Where in a policy set's order something stands among its rules for domain
 * names, which are numbered from 1; tier Admin alone has them.
 * In an entry for addresses: how many rules for names come before what decided.
 * In an entry for names: the first that accepts, or SLUICE_NO_NAME.
 * A name's entry overrules an address's denial if its place is at most that
 * number. */
#define SLUICE_NO_NAME 0xffff
/* sluice_config.name_grace counts. */
#define SLUICE_DEFAULT_GRACE 0xffff
struct sluice_precedence {
	__u16 admin;
	__u16 grace; /* of an entry for names: as sluice_config.name_grace, for this policy */
};

/* `sluice_rules`: (policy set, address class) -> what to do. A set always has an entry
 * for SLUICE_CLASS_OTHER; a class without one of its own is judged by that.
 * Classes of names stand here too; without an entry they say nothing. */
struct sluice_rule_key {
	__u64 policy_set;
	__u64 address_class;
};
struct sluice_rule {
	__u32 action; /* enum sluice_action */
	struct sluice_precedence names;
	__u64 port_set; /* when action is SLUICE_BY_PORT, else 0 */
	__u64 cause;	/* names the policy and rule, for people */
};

/* `sluice_ports`: longest prefix over (port set, protocol, port). The prefix covers
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
	__u32 action; /* enum sluice_action, but SLUICE_BY_PORT */
	struct sluice_precedence names;
	__u64 cause;
};

/* `sluice_dns_names`: longest prefix of a name read backwards -> class. The text is in lower
 * case, without a final dot, last character first, and ends in a zero byte, which
 * an entry for one name covers: "moc.elpmaxe.ipa\0". One for all names below a
 * domain ends in the dot: "moc.elpmaxe.". A name has at most 253 characters
 * (RFC 1035, section 2.3.4). */
#define SLUICE_NAME_BYTES 256
struct sluice_name_key {
	__u32 prefixlen; /* 0 to 2048 */
	__u8 name[SLUICE_NAME_BYTES];
};
struct sluice_name {
	__u64 name_class; /* without SLUICE_CLASS_PRIVATE */
};

/* `sluice_resolvers`: addresses whose answers count. */
struct sluice_resolver_key {
	__u8 address[16];
};

/* `sluice_dns_queries`: what sockets asked resolvers, until it is answered. */
struct sluice_query_key {
	__u64 socket; /* cookie */
	__be16 id;
	__u8 zero[6];
};
struct sluice_query {
	__u64 asked_ns;
	__u64 question; /* a hash of name, type and class */
	__u64 netns;	/* cookie of the socket's network namespace */
	__u32 cell;	/* its place in the pod's ring */
	__u32 zero;
};

/* `sluice_ring_replies`, `sluice_ring_queries`, `sluice_ring_allowed`, `sluice_ring_seen`: the entries that each pod holds of `sluice_replies`,
 * `sluice_dns_queries`, `sluice_dns_allowed` and `sluice_dns_seen`, in the order in which they came. A new one takes the place of
 * the oldest. */
struct sluice_cell {
	__u32 slot;  /* the pod's, as in `sluice_counters` */
	__u32 index; /* below the pod's share */
};

/* `sluice_pod_shares`: slot -> what the pod has used of what all pods share. */
struct sluice_share {
	struct bpf_spin_lock lock;
	/* Cells of rings that were taken, one after the other. */
	__u32 reply_head;
	__u32 query_head;
	__u32 learned_head;
	__u32 heard_head;
	__u32 answers_used;	/* bytes of `sluice_dns_events` in the current second */
	__u64 answers_since_ns; /* which began then */
	/* Events in the current second: 0 all but allowed flows, 1 allowed. */
	__u64 since_ns[2];
	__u32 used[2];
};

/* `sluice_dns_streams`: a socket's connection to a resolver. Positions are counted from the first
 * byte of a direction. */
struct sluice_stream {
	__u32 ask_start;  /* sequence number of the first byte that the pod sends (RFC 9293) */
	__u32 asked;	  /* position of what is read next: a length, or a query */
	__u32 ask_left;	  /* length of the query there; 0 before the length was read */
	__u32 start;	  /* sequence number of the first byte that the resolver sends */
	__u32 seen;	  /* up to this position the pod has been given all */
	__u32 next;	  /* position of the message under way, with its length */
	__u32 end;	  /* of it; 0 before the length was read */
	__u32 held;	  /* the end of a message that was copied to it, and waits for the agent */
	__u64 held_until; /* position in `sluice_dns_events` that the agent must have read */
	__u64 held_ns;	  /* since when */
	__u64 gap_ns;	  /* since when segments are kept back that come too early; 0: none is */
	__u8 followed;	  /* enum sluice_following */
	__u8 half;	  /* the first byte of a length whose second one is still to come */
	__u8 looked;	  /* whether what follows is known of the message under way */
	__u8 copies;	  /* the agent is to read it */
	__u8 holds;	  /* its end waits until the agent has */
	__u8 deaf;	  /* no more queries are read */
	__u8 zero[2];
};
enum sluice_following {
	SLUICE_NOT_FOLLOWED = 0, /* its beginning was not seen */
	SLUICE_FOLLOWED = 1,
	SLUICE_GIVEN_UP = 2, /* for good */
};

/* `sluice_dns_allowed` and `sluice_dns_seen`: what addresses were answers to. `sluice_dns_allowed` holds names that
 * the pod's policy has a rule for, several to an address; `sluice_dns_seen` the last of the
 * others, at index 0. A network namespace is a pod's; what was answered in
 * one says nothing in another. */
#define SLUICE_NAMES_PER_ADDRESS 8
struct sluice_learned_key {
	__u64 netns;
	__u8 address[16];
	__u32 index; /* below SLUICE_NAMES_PER_ADDRESS */
	__u32 zero;
};
struct sluice_learned {
	__u64 expires_ns;	     /* bpf_ktime_get_ns() */
	__u64 heard_ns;		     /* the last answer */
	__u64 used_ns;		     /* when the name last let a flow pass that was still open; 0: never */
	__u64 pod;		     /* the cgroup id of who asked */
	__u64 hash;		     /* of the name: tells it from others quickly */
	struct sluice_name_key name; /* prefixlen is that of a look-up */
	__u32 zero;
};

/* Whether a verdict is a TCP socket's, and so covers whatever the socket sends. */
enum sluice_connection_kind {
	SLUICE_NO_CONNECTION = 0,
	SLUICE_CONNECTION = 1,
	SLUICE_OPEN_CONNECTION = 2, /* allowed, by whatever interface its packets leave */
};

/* Where a socket is at home, and who called connect or sendmsg last. */
struct sluice_caller {
	__u64 netns; /* cookie of the socket's network namespace; 0 if neither its making nor a call was seen */
	__u32 pid;   /* 0 if nobody called yet */
	__u8 comm[16];
	__u8 held;    /* 1 if made while its pod was not known, under SLUICE_POSTURE_HOLD */
	__u8 unbound; /* 1 if the call left it to the kernel to choose the source */
	__u8 zero[2];
};

/* `sluice_verdicts`: the socket's own storage, from its first call or packet on. Threads that
 * share a datagram socket send at the same time, so they read and write what is judged
 * under the lock; the kernel itself lets one thread at a time send on a TCP socket. */
struct sluice_verdict {
	struct bpf_spin_lock lock;
	__u32 generation; /* 0 before it is judged */
	__u32 slot;
	__u8 verdict;	/* enum sluice_verdict_kind */
	__u8 direction; /* enum sluice_direction */
	__u8 protocol;
	__u8 connection; /* enum sluice_connection_kind */
	__be16 port;
	__u8 inside;	  /* 1 if judged within the network namespace: it holds nowhere else */
	__u8 named;	  /* 1 if allowed by a name: judged again, the name holds past its time */
	__u8 address[16]; /* the destination */
	__u8 source[16];
	__u32 noted; /* when an answer of the peer was noted last, in steps of 134 ms */
	struct sluice_caller caller;
};

/* `sluice_tcp_fastpath`: copies of verdicts that stand. They are written without a lock, so that
 * all that decides is one word, which is written at once. */
struct sluice_connection {
	__u64 pass; /* the socket, and the generation whose verdict it has; else 0 */
	/* Passed, and not in `sluice_counters` yet. */
	__u32 bytes;
	__u16 packets;
	__u16 slot; /* whom they count for */
};

/* `sluice_replies`: tuples of connectionless flows of isolated pods. */
struct sluice_reply_key {
	__u64 pod;	  /* the pod's cgroup id */
	__u8 address[16]; /* the remote one */
	__be16 port;
	__be16 local_port;
	__u8 protocol;
	__u8 zero[3];
};
struct sluice_reply {
	__u64 seen_ns;	/* bpf_ktime_get_ns() */
	__u64 socket;	/* the cookie of the socket that heard the peer last */
	__u64 netns;	/* the cookie of its network namespace; 0 if not known */
	__u8 direction; /* enum sluice_direction */
	__u8 again;	/* 1 if it was seen again since the pod's ring came by */
	__u16 cell;	/* its place in the pod's ring */
	__u32 zero;
};

/* `sluice_canary`: how the agent learns what the programs make of a socket below a cgroup. It
 * notes a socket of its own, which then sends a datagram to the host itself; egress
 * refuses that and says where in the kernel's tree of cgroups it was sent. One entry. */
#define SLUICE_CANARY_LEVELS 32
struct sluice_canary {
	__u64 asked;			       /* the cookie of the socket */
	__u64 answered;			       /* of the last one whose datagram was refused */
	__u64 ancestors[SLUICE_CANARY_LEVELS]; /* its cgroups from the kernel's root on; 0: none so deep */
};

/* `sluice_counters`: slot -> this, per CPU. */
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

/* `sluice_event_dedup`: what was reported lately, so that repeats are counted instead. */
struct sluice_dedup_key {
	__u64 pod;
	__u8 address[16];
	__be16 port;
	__u8 protocol;
	__u8 verdict;
	__u32 zero;
};
struct sluice_dedup {
	__u64 reported_ns;
	/* What a late report says again; see struct sluice_event. */
	__u64 policy_set;
	__u64 address_class;
	__u64 cause;
	__u64 netns;
	__u32 suppressed;
	__u32 pid;
	__u8 guard;
	__u8 hook;
	__u8 zero[6];
	__u8 comm[16];
};

/* `sluice_events`: what the ring buffer carries. */
struct sluice_event {
	__u64 time_ns; /* bpf_ktime_get_ns() */
	__u64 pod;     /* the pod's cgroup id, or the socket's own if no pod is known */
	__u64 policy_set;
	__u64 address_class;
	__u64 cause;
	__u8 address[16];
	__u8 source[16];   /* zero where the hook does not know it */
	__u16 port;	   /* host order; 0 where the protocol has none */
	__u16 source_port; /* host order; 0 where it is not known */
	__u8 protocol;
	__u8 verdict; /* enum sluice_verdict_kind */
	__u8 guard;   /* 1 if a guard decided, or was passed */
	__u8 hook;    /* enum sluice_hook */
	__u32 pid;    /* 0 where nobody knows it */
	__u32 count;  /* how many packets this stands for */
	__u8 comm[16];
	__u64 netns; /* cookie of the network namespace, for `sluice_dns_allowed`; 0 if not known */
};

/* What an entry of `sluice_dns_events` is. */
enum sluice_answer_kind {
	SLUICE_ANSWER_UNCOVERED = 0, /* a name that no rule of the pod covers: data is its text, backwards */
	SLUICE_ANSWER_PIECE = 1,     /* a piece of a DNS message that the program does not read */
};

/* `sluice_dns_events`: names and messages for the agent to read, by another ring buffer. An entry
 * for a name ends after SLUICE_NAME_BYTES of data. */
#define SLUICE_ANSWER_DATA 4096
struct sluice_answer {
	__u64 time_ns;
	__u64 pod;
	__u64 policy_set;
	__u64 netns;
	__u64 socket;  /* cookie */
	__u32 kind;    /* enum sluice_answer_kind */
	__u32 message; /* tells a socket's messages apart */
	__u32 total;   /* length of the message */
	__u32 offset;  /* of data in it */
	__u32 length;  /* of data */
	__u32 slot;    /* the pod's */
	__u8 resolver[16];
	__u8 data[SLUICE_ANSWER_DATA];
};

/* What became of resolvers' answers. Indexes `sluice_dns_stats`. */
enum sluice_reading {
	SLUICE_READ = 0,	   /* read, and its addresses noted */
	SLUICE_READ_UNASKED = 1,   /* no socket of a pod asked that */
	SLUICE_READ_BROKEN = 2,	   /* no sound answer to one question */
	SLUICE_READ_TRUNCATED = 3, /* the resolver wants to be asked by TCP */
	SLUICE_READ_COPIED = 4,	   /* given to the agent */
	SLUICE_READ_LOST = 5,	   /* meant for the agent, which was too slow */
	SLUICE_READ_CROWDED = 6,   /* a name took another's place at its address */
	SLUICE_READ_COUNT = 7,
};

/* `sluice_event_drops`: one entry per CPU, events that nobody was told of. */
struct sluice_drops {
	__u64 full;    /* the buffer was full, or half full and the pod past what it is sure of */
	__u64 limited; /* more than event_rate, or than one pod's part of it */
};

/* `sluice_event_rate`: one entry, events beyond what each pod is sure of, in the current second: 0 all
 * but allowed flows, 1 allowed. */
struct sluice_rate {
	__u64 since_ns[2];
	__u32 used[2];
};

_Static_assert(sizeof(struct sluice_config) == 64, "sluice_config");
_Static_assert(sizeof(struct sluice_pod) == 56, "sluice_pod");
_Static_assert(sizeof(struct sluice_own_key) == 24, "sluice_own_key");
_Static_assert(sizeof(struct sluice_address_key) == 20, "sluice_address_key");
_Static_assert(sizeof(struct sluice_address) == 8, "sluice_address");
_Static_assert(sizeof(struct sluice_rule_key) == 16, "sluice_rule_key");
_Static_assert(sizeof(struct sluice_rule) == 24, "sluice_rule");
_Static_assert(sizeof(struct sluice_port_key) == 16, "sluice_port_key");
_Static_assert(sizeof(struct sluice_port) == 16, "sluice_port");
_Static_assert(sizeof(struct sluice_name_key) == 260, "sluice_name_key");
_Static_assert(sizeof(struct sluice_name) == 8, "sluice_name");
_Static_assert(sizeof(struct sluice_query_key) == 16, "sluice_query_key");
_Static_assert(sizeof(struct sluice_query) == 32, "sluice_query");
_Static_assert(sizeof(struct sluice_stream) == 64, "sluice_stream");
_Static_assert(sizeof(struct sluice_learned_key) == 32, "sluice_learned_key");
_Static_assert(sizeof(struct sluice_learned) == 304, "sluice_learned");
_Static_assert(sizeof(struct sluice_answer) == 4176, "sluice_answer");
_Static_assert(sizeof(struct sluice_verdict) == 88, "sluice_verdict");
_Static_assert(sizeof(struct sluice_connection) == 16, "sluice_connection");
_Static_assert(sizeof(struct sluice_caller) == 32, "sluice_caller");
_Static_assert(sizeof(struct sluice_reply_key) == 32, "sluice_reply_key");
_Static_assert(sizeof(struct sluice_reply) == 32, "sluice_reply");
_Static_assert(sizeof(struct sluice_cell) == 8, "sluice_cell");
_Static_assert(sizeof(struct sluice_share) == 56, "sluice_share");
_Static_assert(SLUICE_REPLY_SHARE <= 1 << 16, "sluice_reply.cell");
_Static_assert(sizeof(struct sluice_canary) == 272, "sluice_canary");
_Static_assert((SLUICE_VERDICT_COUNT & (SLUICE_VERDICT_COUNT - 1)) == 0, "a power of two");
_Static_assert(sizeof(struct sluice_counters) == 96, "sluice_counters");
_Static_assert(sizeof(struct sluice_dedup_key) == 32, "sluice_dedup_key");
_Static_assert(sizeof(struct sluice_dedup) == 72, "sluice_dedup");
_Static_assert(sizeof(struct sluice_event) == 112, "sluice_event");
_Static_assert(sizeof(struct sluice_drops) == 16, "sluice_drops");
_Static_assert(sizeof(struct sluice_rate) == 24, "sluice_rate");

#endif
