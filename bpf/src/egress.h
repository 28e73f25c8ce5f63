/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The authority: every IP packet that a pod's sockets send. */
#ifndef SLUICE_EGRESS_H
#define SLUICE_EGRESS_H

#include "canary.h"
#include "cgroup.h"
#include "tcp_fastpath.h"
#include "dns_policy.h"
#include "udp_replies.h"
#include "sources.h"
#include "dns_stream.h"

/* What a cgroup_skb program returns (kernel: BPF_PROG_CGROUP_INET_EGRESS_RUN_ARRAY). */
#define PACKET_DROP 0
#define PACKET_PASS 1
/* Dropped as if by congestion: the sender sees no error and tries again. */
#define PACKET_DROP_SILENTLY 2

static __always_inline int pass_or_drop(__u8 verdict)
{
	if (verdict == SLUICE_VERDICT_HELD)
		return PACKET_DROP_SILENTLY;
	return verdict == SLUICE_VERDICT_DENIED ? PACKET_DROP : PACKET_PASS;
}

/* - Parameter near: the packet's end at the pod; 0 where nobody asks for it. */
static __always_inline void find_subject(struct __sk_buff *skb, const struct sluice_config *cfg,
					 const struct address *far, const struct address *near,
					 struct subject *subject)
{
	__u64 id;
	struct sluice_pod *pod = find_pod(skb, cfg, &id);

	if (pod)
		fill_subject(subject, id, pod, far, near);
	else
		fill_unknown(subject, bpf_skb_cgroup_id(skb));
}

/* A connection older than Sluice has no storage, as neither a call to connect nor a
 * packet of it was seen: it is inbound if somebody listens on its local port. The made-up
 * peer makes sure that a listener is found and not the connection itself. */
static __noinline int has_listener(struct __sk_buff *skb, const struct packet *packet)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *found;
	int listening = 0;

	if (!packet)
		return 0;
	if (is_mapped_ipv4(&packet->source)) {
		tuple.ipv4.saddr = WILDCARD_PEER_IPV4;
		tuple.ipv4.sport = bpf_htons(1);
		tuple.ipv4.daddr = packet->source.words[3];
		tuple.ipv4.dport = packet->source_port;
		found = bpf_skc_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	} else {
		tuple.ipv6.saddr[0] = WILDCARD_PEER_IPV6;
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

/* Whether the packet stays within the pod's network namespace. */
static __always_inline int stays_inside(struct __sk_buff *skb)
{
	return skb->ifindex == LOOPBACK_IFINDEX;
}

/* linux/if_packet.h */
#define PACKET_LOOPBACK 5

/* Whether what arrives came from inside: by way of loopback, or as the kernel's own copy of what was sent to a
 * group or to everybody. Any source can be forged there, so it teaches nothing. */
static __always_inline int comes_from_inside(struct __sk_buff *skb)
{
	return stays_inside(skb) || skb->pkt_type == PACKET_LOOPBACK;
}

/* Whether it may go to a resolver's port, by a look at the headers that nearly all packets have alone. */
static __always_inline int may_be_query(struct __sk_buff *skb)
{
	const __u8 *data = (const __u8 *)(long)skb->data;
	const __u8 *end = (const __u8 *)(long)skb->data_end;
	const __be16 *ports;
	__u8 protocol;

	if (data + sizeof(struct ipv6hdr) + sizeof(__u32) > end)
		return 1;
	if (data[0] == 0x45) {
		protocol = data[__builtin_offsetof(struct iphdr, protocol)];
		ports = (const void *)(data + sizeof(struct iphdr));
	} else if (data[0] >> 4 == 6) {
		protocol = data[__builtin_offsetof(struct ipv6hdr, nexthdr)];
		ports = (const void *)(data + sizeof(struct ipv6hdr));
	} else {
		return 1;
	}
	return (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP) || ports[1] == bpf_htons(DNS_PORT);
}

/* Remembers what a packet asks of a resolver, if it is one that is trusted. Next to the program, as what judges
 * needs nearly all of the stack. */
static __noinline int record_questions(struct __sk_buff *skb, __u64 netns)
{
	struct sluice_config *cfg = read_config();
	struct subject subject = {};
	struct packet packet = {};

	if (!may_be_query(skb))
		return 0;
	if (!cfg || stays_inside(skb) || read_packet(skb, &packet) || !is_query(&packet) ||
	    !is_trusted(&packet.destination))
		return 0;
	find_subject(skb, cfg, &packet.destination, 0, &subject);
	if (packet.protocol == IPPROTO_UDP)
		record_query(skb, packet.transport + UDP_HEADER, netns, subject.slot);
	else
		record_tcp_query(skb, packet.transport, netns, subject.slot);
	return 0;
}

/* A packet that names its next hop: where it goes in the end is not looked at, so that
 * nothing may open it. It says nothing of the socket's other packets. */
static __always_inline int refuse_route(struct __sk_buff *skb, const struct sluice_config *cfg,
					const struct packet *packet, struct subject *subject,
					struct decision *decision, const struct sluice_caller *caller)
{
	struct bpf_sock *sk = skb->sk;

	if (sk)
		sk = bpf_sk_fullsock(sk);
	find_subject(skb, cfg, &packet->destination, 0, subject);
	decision->action = SLUICE_GUARD;
	decision->cause = SLUICE_CAUSE_SOURCE_ROUTE;
	count(subject->slot, SLUICE_VERDICT_DENIED, skb->len, !sk || !is_tcp(sk));
	report(packet, subject, decision, caller, SLUICE_VERDICT_DENIED | SLUICE_HOOK_EGRESS << 8);
	return PACKET_DROP;
}

/* Makes alike what the verifier has come here with on many ways; see opaque_zero. */
static __always_inline void hide_from_verifier(struct packet *packet, struct subject *subject, __u32 zero)
{
	packet->l4_unknown += zero;
	packet->protocol += zero;
	packet->source_port += zero;
	packet->destination_port += zero;
	packet->transport += zero;
	subject->policy_set += zero;
	subject->flags += zero;
	subject->slot += zero;
	subject->known += zero;
	subject->own += zero;
	subject->in_own_name += zero;
}

/* What is known of the packet beside its headers. */
#define IS_TCP (1U << 0)
#define IS_SYN (1U << 1)
#define IS_INSIDE (1U << 2) /* stays within the network namespace */
#define IS_NEW (1U << 3)    /* begins a flow */

/* From a decision to what becomes of the packet, and what is remembered, counted and
 * told of it.
 * - Parameter facts: IS_TCP and so on. */
static __always_inline int conclude(struct __sk_buff *skb, struct packet *packet, struct subject *subject,
				    struct decision *decision, const struct sluice_caller *caller,
				    __u32 facts)
{
	struct sluice_config *cfg = read_config();
	struct bpf_sock *sk = skb->sk;
	__u32 zero;
	__u8 verdict;
	int passes;

	if (!cfg)
		return PACKET_DROP;
	if (sk)
		sk = bpf_sk_fullsock(sk);
	if (decision->action == SLUICE_DENY && facts & IS_INSIDE)
		decision->action = SLUICE_ALLOW;
	verdict = verdict_for(cfg, subject, decision);
	if (!subject->known && cfg->posture == SLUICE_POSTURE_HOLD && verdict != SLUICE_VERDICT_DENIED &&
	    !(facts & IS_INSIDE))
		verdict = SLUICE_VERDICT_HELD;
	zero = opaque_zero(skb);
	verdict += zero;
	decision->action += zero;
	hide_from_verifier(packet, subject, zero);
	passes = pass_or_drop(verdict) == PACKET_PASS;
	/* A datagram that was denied began no conversation: were it remembered, the
	 * peer's own request would be taken for an answer. A connection that begins
	 * without a memory of it could pass for an inbound one later. */
	if (sk && (facts & IS_TCP || passes) &&
	    !remember(sk, packet,
		      (struct outcome){ .generation = decision->generation,
					.slot = subject->slot,
					.verdict = verdict,
					.direction = SLUICE_OUTBOUND,
					.inside = !!(facts & IS_INSIDE),
					.named = decision->named }) &&
	    facts & IS_SYN)
		verdict = SLUICE_VERDICT_DENIED;
	if (passes && may_be_reply(subject, packet))
		record_outbound(cfg, subject, packet);
	count(subject->slot, verdict, skb->len, !!(facts & IS_NEW));
	if (verdict != SLUICE_VERDICT_ALLOWED ||
	    (facts & IS_NEW && !(facts & IS_INSIDE) && is_sampled(cfg, decision)))
		report(packet, subject, decision, caller, verdict | SLUICE_HOOK_EGRESS << 8);
	return pass_or_drop(verdict);
}

/* Judges a packet that does not pass by what its socket remembers alone. A function of
 * its own, so that those that do need not pay for its stack.
 * - Parameter cached: what the socket remembers, or 0. */
static __noinline int judge_egress(struct __sk_buff *skb, const struct sluice_config *cfg,
				   struct sluice_verdict *cached)
{
	struct bpf_sock *sk = skb->sk;
	struct packet packet = {};
	struct subject subject = {};
	struct decision decision = {};
	struct last_verdict last = {};
	struct sluice_caller *caller = cached ? &cached->caller : 0;
	__u64 cause;
	__u32 facts, zero;
	int tcp, syn, inside, name;
	__u8 verdict;

	if (!cfg)
		return PACKET_DROP;
	if (sk)
		sk = bpf_sk_fullsock(sk);
	/* Before what is judged by the tables, so that what is found outdated is too. */
	decision.generation = cfg->generation;
	tcp = sk && is_tcp(sk);
	syn = tcp && sk->state == STATE_SYN_SENT;
	inside = stays_inside(skb);
	if (read_packet(skb, &packet))
		return PACKET_DROP;
	if (!tcp && inside && is_loopback(&packet.destination) && count_canary(skb))
		return PACKET_DROP;
	if (packet.source_routed)
		return refuse_route(skb, cfg, &packet, &subject, &decision, caller);
	if (tcp && sk->state != STATE_ESTABLISHED && sk->state != STATE_LISTEN)
		fastpath_invalidate(bpf_get_socket_cookie(skb));
	if (tcp && stands(cached, cfg, sk->state, inside)) {
		/* A connection that a name let pass comes to its end. */
		if (cached->named && sk->state != STATE_ESTABLISHED)
			renew_names(cached);
		count(cached->slot, cached->verdict, skb->len, 0);
		/* What is asked of resolvers is noted each time. */
		if (cached->connection == SLUICE_OPEN_CONNECTION && sk->state == STATE_ESTABLISHED &&
		    packet.destination_port != bpf_htons(DNS_PORT))
			fastpath_insert(skb, cached);
		return pass_or_drop(cached->verdict);
	}
	read_last(cached, &packet, &last);
	if (!tcp && passed_already(&last, &packet, decision.generation, inside)) {
		count(last.slot, last.verdict, skb->len, 0);
		return PACKET_PASS;
	}
	zero = opaque_zero(skb);
	last.same += zero;
	last.named += zero;
	find_subject(skb, cfg, &packet.destination, &packet.source, &subject);
	hide_from_verifier(&packet, &subject, zero);
	name = name_of_source(skb, &packet, &subject, caller, inside);
	if (name != OWN_NAME) {
		verdict = refuse_source(skb, cfg, &packet, &subject, &decision, caller, name);
		if (verdict != SLUICE_VERDICT_AUDIT)
			return pass_or_drop(verdict);
	}

	/* 1. Replies to inbound traffic, and the pod itself where the packet stays inside. */
	if (tcp && !syn && (sk->state == STATE_LISTEN || (!cached && has_listener(skb, &packet)))) {
		/* A socket without room was not without a verdict before: it cannot be
		 * told from an outbound one, and is judged. */
		if (remember(sk, &packet,
			     (struct outcome){ .generation = decision.generation,
					       .slot = subject.slot,
					       .verdict = SLUICE_VERDICT_ALLOWED,
					       .direction = SLUICE_INBOUND }) ||
		    sk->state == STATE_LISTEN) {
			count(subject.slot, SLUICE_VERDICT_ALLOWED, skb->len, 0);
			return PACKET_PASS;
		}
	}
	if (inside && (subject.own || is_loopback(&packet.destination))) {
		if (sk)
			remember(sk, &packet,
				 (struct outcome){ .generation = decision.generation,
						   .slot = subject.slot,
						   .verdict = SLUICE_VERDICT_ALLOWED,
						   .direction = SLUICE_OUTBOUND,
						   .inside = inside });
		count(subject.slot, SLUICE_VERDICT_ALLOWED, skb->len, 0);
		return PACKET_PASS;
	}
	if (may_be_reply(&subject, &packet) &&
	    replies_to_peer(skb, cfg, &subject, &packet, caller ? caller->netns : 0)) {
		count(subject.slot, SLUICE_VERDICT_ALLOWED, skb->len, 0);
		return PACKET_PASS;
	}

	/* 2. to 6.: the compiler has put them in order. */
	judge(&packet, subject.policy_set, &decision);
	if (caller && !inside && names_matter(&subject, &decision)) {
		struct named_flow flow = named_flow_of(&packet, &decision);

		/* What a name allowed goes on under its name, however long ago it was heard. */
		flow.grace = last.same & last.named;
		flow.leaves = 1;
		cause = allowed_by_name(skb, subject.policy_set, caller->netns, packed(flow));
		if (cause)
			overrule(&decision, cause);
	}
	facts = (tcp ? IS_TCP : 0) | (syn ? IS_SYN : 0) | (inside ? IS_INSIDE : 0) |
		((syn || !tcp) && !last.same ? IS_NEW : 0);
	return conclude(skb, &packet, &subject, &decision, caller, facts + zero);
}

#endif
