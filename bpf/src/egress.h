/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The authority: every IP packet that a pod's sockets send. */
#ifndef SLUICE_EGRESS_H
#define SLUICE_EGRESS_H

#include "names.h"
#include "queries.h"
#include "replies.h"
#include "report.h"

/* What a cgroup_skb program returns (kernel: BPF_PROG_CGROUP_INET_EGRESS_RUN_ARRAY). */
#define PACKET_DROP 0
#define PACKET_PASS 1
/* Dropped as if by congestion: the sender sees no error and tries again. */
#define PACKET_DROP_SILENTLY 2

/* Socket states (include/net/tcp_states.h). */
#define STATE_ESTABLISHED 1
#define STATE_SYN_SENT 2
#define STATE_LISTEN 10

#define SOCKET_STREAM 1

static __always_inline int is_tcp(const struct bpf_sock *sk)
{
	return sk->type == SOCKET_STREAM && sk->protocol == IPPROTO_TCP;
}

static __always_inline int pass_or_drop(__u8 verdict)
{
	if (verdict == SLUICE_VERDICT_HELD)
		return PACKET_DROP_SILENTLY;
	return verdict == SLUICE_VERDICT_DENIED ? PACKET_DROP : PACKET_PASS;
}

static __always_inline void find_subject(struct __sk_buff *skb, const struct sluice_config *cfg,
					 const struct address *destination, struct subject *subject)
{
	for (__u32 i = 0; i < SLUICE_MAX_LEVELS; i++) {
		struct sluice_pod *pod;
		__u64 id;

		if (i >= cfg->level_count)
			break;
		id = bpf_skb_ancestor_cgroup_id(skb, cfg->levels[i]);
		if (!id)
			continue;
		pod = bpf_map_lookup_elem(&pods, &id);
		if (pod) {
			fill_subject(subject, id, pod, destination);
			return;
		}
	}
	fill_unknown(subject, bpf_skb_cgroup_id(skb));
}

/* A connection older than Sluice has no storage: it is inbound if somebody
 * listens on its local port. The made-up peer makes sure that a listener is
 * found and not the connection itself. */
static __noinline int has_listener(struct __sk_buff *skb, const struct packet *packet)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *found;
	int listening = 0;

	if (!packet)
		return 0;
	if (is_mapped_ipv4(&packet->source)) {
		tuple.ipv4.saddr = MADE_UP_IPV4;
		tuple.ipv4.sport = bpf_htons(1);
		tuple.ipv4.daddr = packet->source.words[3];
		tuple.ipv4.dport = packet->source_port;
		found = bpf_skc_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	} else {
		tuple.ipv6.saddr[0] = MADE_UP_IPV6;
		tuple.ipv6.sport = bpf_htons(1);
		__builtin_memcpy(tuple.ipv6.daddr, &packet->source, sizeof(tuple.ipv6.daddr));
		tuple.ipv6.dport = packet->source_port;
		found = bpf_skc_lookup_tcp(skb, &tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
	}
	if (found) {
		listening = found->state == STATE_LISTEN;
		bpf_sk_release(found);
	}
	return listening;
}

/* Packets that a connection passes before `counters` hears of them. */
#define COUNTED_TOGETHER 32

/* Counts a packet of a connection whose verdict stands. `counters` is another two
 * lines of memory than the verdict's own, so that it is told every so often, and
 * of the rest when the connection closes. */
static __always_inline void count_standing(struct sluice_verdict *v, __u32 state, __u32 bytes)
{
	v->packets += 1;
	v->bytes += bytes;
	if (v->packets < COUNTED_TOGETHER && state == STATE_ESTABLISHED &&
	    v->verdict == SLUICE_VERDICT_ALLOWED)
		return;
	count_many(v->slot, v->verdict, v->packets, v->bytes);
	v->packets = 0;
	v->bytes = 0;
}

/* - Returns: whether it could: a socket that has used up its memory for options
 *   (net.core.optmem_max) has no room for it. */
static __always_inline int remember(struct bpf_sock *sk, const struct packet *packet, __u32 generation,
				    __u32 slot, __u8 verdict, __u8 direction, __u8 inside,
				    __u8 named)
{
	struct sluice_verdict *v = bpf_sk_storage_get(&verdicts, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (!v)
		return 0;
	if (v->packets)
		count_many(v->slot, v->verdict, v->packets, v->bytes);
	bpf_spin_lock(&v->lock);
	v->packets = 0;
	v->bytes = 0;
	v->generation = generation;
	v->slot = slot;
	v->verdict = verdict;
	v->direction = direction;
	v->protocol = packet->protocol;
	v->connection = is_tcp(sk);
	v->inside = inside;
	v->named = named;
	v->port = packet->destination_port;
	__builtin_memcpy(v->address, &packet->destination, sizeof(v->address));
	bpf_spin_unlock(&v->lock);
	return 1;
}

/* What the socket remembers, as seen from the packet at hand. */
struct last_verdict {
	__u32 generation; /* 0 if it remembers nothing */
	__u32 slot;
	__u8 verdict;
	__u8 inside;
	__u8 named;
	__u8 same; /* the packet goes where the socket's last one went: no flow begins with it */
};

static __always_inline void read_last(struct sluice_verdict *v, const struct packet *packet,
				      struct last_verdict *last)
{
	if (!v)
		return;
	bpf_spin_lock(&v->lock);
	last->generation = v->generation;
	last->slot = v->slot;
	last->verdict = v->verdict;
	last->inside = v->inside;
	last->named = v->named;
	last->same = v->generation && v->direction == SLUICE_OUTBOUND &&
		     v->protocol == packet->protocol && v->port == packet->destination_port &&
		     same_address(&packet->destination, v->address);
	bpf_spin_unlock(&v->lock);
}

/* Whether the socket's last packet was like this one and passed. What was
 * denied is judged each time: a reply may have become due since. */
static __always_inline int passed_already(const struct last_verdict *last, const struct packet *packet,
					  __u32 generation, int inside)
{
	return last->same && last->generation == generation && (inside || !last->inside) &&
	       (last->verdict == SLUICE_VERDICT_ALLOWED || last->verdict == SLUICE_VERDICT_AUDIT) &&
	       !packet->portless && !packet->source_routed;
}

static __always_inline struct sluice_caller *caller_of(struct bpf_sock *sk)
{
	return bpf_sk_storage_get(&callers, sk, 0, 0);
}

/* Whether the packet stays within the pod's network namespace. */
static __always_inline int stays_inside(struct __sk_buff *skb)
{
	return skb->ifindex == LOOPBACK_IFINDEX;
}

/* The packet of a connection whose verdict stands: one look-up, one compare. A
 * SYN and a SYN-ACK are judged afresh, see judge_egress. */
static __always_inline struct sluice_verdict *standing_verdict(struct __sk_buff *skb,
							       const struct sluice_config *cfg)
{
	/* What is no full socket has no storage, so that nobody needs to ask. */
	struct bpf_sock *sk = skb->sk;
	struct sluice_verdict *v;
	__u32 state;

	if (!sk)
		return 0;
	v = bpf_sk_storage_get(&verdicts, sk, 0, 0);
	if (!v || !v->connection)
		return 0;
	if (v->generation != cfg->generation && v->direction != SLUICE_INBOUND)
		return 0;
	state = sk->state;
	return state != STATE_SYN_SENT && state != STATE_LISTEN ? v : 0;
}

/* Whether it was found within the network namespace, by a flow of the pod's own. */
static __always_inline int holds_inside_only(const struct sluice_verdict *v)
{
	return v->inside && v->direction != SLUICE_INBOUND;
}

/* Whether the packet's headers are the usual ones of TCP, among which no route can
 * stand: IPv4 without options, IPv6 without extension headers. */
static __always_inline int is_plain(struct __sk_buff *skb)
{
	const __u8 *data = (const __u8 *)(long)skb->data;
	const __u8 *end = (const __u8 *)(long)skb->data_end;

	if (data + sizeof(struct iphdr) > end)
		return 0;
	if (data[0] == 0x45)
		return 1;
	return data[0] >> 4 == 6 && data[__builtin_offsetof(struct ipv6hdr, nexthdr)] == IPPROTO_TCP;
}

/* Judges a packet that no standing verdict covers. A function of its own, so
 * that those that are covered do not pay for its stack. */
static __noinline int judge_egress(struct __sk_buff *skb, const struct sluice_config *cfg)
{
	struct bpf_sock *sk = skb->sk;
	struct packet packet = {};
	struct subject subject = {};
	struct decision decision = {};
	struct sluice_reply_key reply = {};
	struct sluice_reply *heard;
	struct sluice_verdict *cached = 0, *standing;
	struct last_verdict last = {};
	struct sluice_caller *caller;
	__u32 generation;
	__u64 cause;
	__u8 verdict;
	int passes, tcp, syn, is_new, inside;

	if (!cfg)
		return PACKET_DROP;
	if (sk)
		sk = bpf_sk_fullsock(sk);
	generation = cfg->generation;
	tcp = sk && is_tcp(sk);
	syn = tcp && sk->state == STATE_SYN_SENT;
	if (read_packet(skb, &packet))
		return PACKET_DROP;
	if (sk)
		cached = bpf_sk_storage_get(&verdicts, sk, 0, 0);
	inside = stays_inside(skb);
	caller = sk ? caller_of(sk) : 0;
	if (caller && caller->netns && is_query(&packet) && !inside && is_trusted(&packet.destination))
		note_query(skb, packet.transport, caller->netns);
	read_last(cached, &packet, &last);
	if (!tcp && passed_already(&last, &packet, generation, inside)) {
		count(last.slot, last.verdict, skb->len, 0);
		return PACKET_PASS;
	}
	/* Not plain, but without a route. */
	standing = tcp && !packet.source_routed ? standing_verdict(skb, cfg) : 0;
	if (standing && (inside || !holds_inside_only(standing))) {
		count_standing(standing, sk->state, skb->len);
		return pass_or_drop(standing->verdict);
	}
	is_new = (syn || !tcp) && !last.same;
	find_subject(skb, cfg, &packet.destination, &subject);

	/* 1. Replies to inbound traffic, and the pod itself. */
	if (tcp && !syn && !packet.source_routed && (sk->state == STATE_LISTEN || (!cached && has_listener(skb, &packet)))) {
		/* A socket without room was not without a verdict before: it cannot be
		 * told from an outbound one, and is judged. */
		if (remember(sk, &packet, generation, subject.slot, SLUICE_VERDICT_ALLOWED,
			     SLUICE_INBOUND, 0, 0) || sk->state == STATE_LISTEN) {
			count(subject.slot, SLUICE_VERDICT_ALLOWED, skb->len, 0);
			return PACKET_PASS;
		}
	}
	if (!packet.source_routed &&
	    (subject.own || (inside && is_loopback(&packet.destination)))) {
		if (sk)
			remember(sk, &packet, generation, subject.slot, SLUICE_VERDICT_ALLOWED,
				 SLUICE_OUTBOUND, inside, 0);
		count(subject.slot, SLUICE_VERDICT_ALLOWED, skb->len, 0);
		return PACKET_PASS;
	}
	if (may_be_reply(&subject, &packet)) {
		fill_reply_key(&reply, subject.id, packet.protocol, &packet.destination,
			       packet.destination_port, packet.source_port);
		heard = fresh_reply(&reply, cfg->reply_window_ns);
		if (heard && heard->direction == SLUICE_INBOUND &&
		    heard_here(skb, &packet, heard->socket)) {
			count(subject.slot, SLUICE_VERDICT_ALLOWED, skb->len, 0);
			return PACKET_PASS;
		}
	}

	/* 2. to 6.: the compiler has put them in order. */
	judge(&packet, subject.policy_set, &decision);
	if (caller && !inside && names_matter(&subject, &decision)) {
		struct named_flow flow = named_flow_of(&packet, &decision);

		/* What a name allowed goes on under its name, however long ago it was heard. */
		flow.grace = last.same & last.named;
		cause = allowed_by_name(skb, subject.policy_set, caller->netns, packed(flow));
		if (cause)
			overrule(&decision, cause);
	}
	if (decision.action == SLUICE_DENY && inside)
		decision.action = SLUICE_ALLOW;
	verdict = verdict_for(cfg, &subject, &decision);
	if (!subject.known && cfg->posture == SLUICE_POSTURE_HOLD &&
	    verdict != SLUICE_VERDICT_DENIED && !inside)
		verdict = SLUICE_VERDICT_HELD;
	passes = pass_or_drop(verdict) == PACKET_PASS;
	/* A datagram that was denied began no conversation: were it remembered, the
	 * peer's own request would be taken for an answer. A connection that begins
	 * without a memory of it could pass for an inbound one later. What is source-
	 * routed says nothing of the socket's other packets. */
	if (sk && (tcp || passes) && !packet.source_routed &&
	    !remember(sk, &packet, generation, subject.slot, verdict, SLUICE_OUTBOUND, inside,
		      decision.named) && syn)
		verdict = SLUICE_VERDICT_DENIED;
	if (passes && may_be_reply(&subject, &packet))
		note_tuple(&reply, cfg->reply_window_ns, SLUICE_OUTBOUND, 0);
	count(subject.slot, verdict, skb->len, is_new);
	if (verdict != SLUICE_VERDICT_ALLOWED ||
	    (is_new && !inside && is_sampled(cfg, &decision)))
		report(&packet, &subject, &decision, caller,
		       verdict | SLUICE_HOOK_EGRESS << 8);
	return pass_or_drop(verdict);
}

#endif
