/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The same verdict before the first packet, so that a denied call fails at once
 * and the event can name the process. These hooks only ever refuse what egress
 * would drop; they allow nothing. */
#ifndef SLUICE_SOCK_ADDR_H
#define SLUICE_SOCK_ADDR_H

#include "cgroup.h"
#include "tcp_fastpath.h"
#include "udp_replies.h"
#include "sources.h"

/* What a sock_addr program returns: 0 fails the call with EPERM. */
#define CALL_REJECT 0
#define CALL_ALLOW 1

#define SOCKET_DATAGRAM 2
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static __always_inline void find_caller(const struct sluice_config *cfg, const struct address *destination,
					struct subject *subject)
{
	__u64 id;
	struct sluice_pod *pod = find_pod(0, cfg, &id);

	if (pod)
		fill_subject(subject, id, pod, destination, 0);
	else
		fill_unknown(subject, bpf_get_current_cgroup_id());
}

static __always_inline int is_bound_to(const struct bpf_sock *sk, const struct address *address)
{
	struct address bound;

	bound.words[0] = sk->src_ip6[0];
	bound.words[1] = sk->src_ip6[1];
	bound.words[2] = sk->src_ip6[2];
	bound.words[3] = sk->src_ip6[3];
	if (same_address(address, bound.bytes))
		return 1;
	map_ipv4(&bound, sk->src_ip4);
	return same_address(address, bound.bytes);
}

/* Whether the destination may be an address of the caller's own network namespace. Egress sees the
 * interface and knows; this hook does not, and must not refuse too much. It is one if a socket is bound to
 * it; where the pod's addresses are not known, it may be one if a socket holds the port. */
static __noinline int may_be_local(struct bpf_sock_addr *ctx, const struct packet *packet, __u32 addressed)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *found;
	__u32 size;
	int local;

	if (!packet)
		return 0;
	if (is_mapped_ipv4(&packet->destination)) {
		tuple.ipv4.saddr = packet->destination.words[3];
		tuple.ipv4.daddr = packet->destination.words[3];
		tuple.ipv4.dport = packet->destination_port;
		size = sizeof(tuple.ipv4);
	} else {
		__builtin_memcpy(tuple.ipv6.saddr, &packet->destination, sizeof(tuple.ipv6.saddr));
		__builtin_memcpy(tuple.ipv6.daddr, &packet->destination, sizeof(tuple.ipv6.daddr));
		tuple.ipv6.dport = packet->destination_port;
		size = sizeof(tuple.ipv6);
	}
	if (packet->protocol == IPPROTO_TCP)
		found = bpf_sk_lookup_tcp(ctx, &tuple, size, BPF_F_CURRENT_NETNS, 0);
	else
		found = bpf_sk_lookup_udp(ctx, &tuple, size, BPF_F_CURRENT_NETNS, 0);
	if (!found)
		return 0;
	local = !addressed || is_bound_to(found, &packet->destination);
	bpf_sk_release(found);
	return local;
}

/* 1 if the words are all zero, else 0: without a branch, as the verifier follows both sides of each one. */
static __always_inline __u8 none_of(__u32 words)
{
	__u64 some = words;

	asm volatile("" : "+r"(some));
	return (some - 1) >> 63;
}

/* Whether the kernel chooses the source: no address was bound, and the call names none.
 * - Parameter named: the words of the source that it names. */
static __always_inline __u8 is_unbound(const struct bpf_sock *sk, __u32 named)
{
	return none_of(sk->src_ip4 | sk->src_ip6[0] | sk->src_ip6[1] | sk->src_ip6[2] | sk->src_ip6[3] |
		       named);
}

/* Notes the call, for what egress will have to tell of the socket.
 * - Parameter connects: whether a TCP socket does. Its earlier connection is forgotten: by
 *   TCP_REPAIR the next one may come about without a SYN, which would be judged.
 * - Returns: whether it could, see `remember`. */
static __always_inline int record_caller(struct bpf_sock *sk, const struct sluice_caller *caller,
					 int connects)
{
	struct sluice_verdict *v = bpf_sk_storage_get(&sluice_verdicts, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (!v)
		return 0;
	v->caller.unbound = caller->unbound;
	if (v->caller.pid != caller->pid) {
		v->caller.netns = caller->netns;
		v->caller.pid = caller->pid;
		__builtin_memcpy(v->caller.comm, caller->comm, sizeof(v->caller.comm));
	}
	if (connects) {
		bpf_spin_lock(&v->lock);
		v->generation = 0;
		v->connection = SLUICE_NO_CONNECTION;
		bpf_spin_unlock(&v->lock);
	}
	return 1;
}

/* What egress made of the socket's last packet. */
enum last_call {
	LAST_ELSEWHERE = 0,
	LAST_ALLOWED = 1, /* there, under the tables of today: most that unconnected sockets send */
	LAST_NAMED = 2,	  /* there, by a name, under earlier tables */
};

/* Whether egress let the socket's last packet go there. It has the last word all the same. */
static __noinline int last_call(struct bpf_sock *sk, const struct sluice_config *cfg,
				const struct packet *packet, __u32 unbound)
{
	struct sluice_verdict *v = verdict_of(sk);
	int last = LAST_ELSEWHERE;

	if (!v || !cfg || !packet)
		return 0;
	bpf_spin_lock(&v->lock);
	if (v->verdict == SLUICE_VERDICT_ALLOWED && v->caller.unbound == unbound &&
	    went_to(v, packet->protocol, &packet->destination, packet->destination_port))
		last = v->generation == cfg->generation ? LAST_ALLOWED :
		       v->named				? LAST_NAMED :
							  LAST_ELSEWHERE;
	bpf_spin_unlock(&v->lock);
	return last;
}

/* Whether the call is not judged here. */
static __always_inline int is_left_to_egress(const struct packet *packet, const struct sluice_config *cfg,
					     const struct subject *subject)
{
	if (!(cfg->flags & SLUICE_CONFIG_FAIL_FAST) || subject->flags & SLUICE_POD_FAIL_SLOW)
		return 1;
	if (has_ports(packet->protocol) && !packet->destination_port)
		return 1;
	return !subject->known && cfg->posture == SLUICE_POSTURE_HOLD;
}

/* Whether the agent's configuration leaves the destination to egress: a service mesh may give out addresses
 * that it redirects inside the pod and that no packet ever has. */
static __always_inline int never_fails_fast(const struct address *destination)
{
	struct sluice_address_key key = { .prefixlen = 128 };

	__builtin_memcpy(key.address, destination, sizeof(key.address));
	return bpf_map_lookup_elem(&sluice_fail_slow, &key) != 0;
}

/* - Parameter named: the words of the source that the call names, one or the other of them not zero if it does. */
static __always_inline int judge_sock_addr(struct bpf_sock_addr *ctx, struct packet *packet, __u8 hook,
					   __u32 named)
{
	struct sluice_config *cfg = read_config();
	struct subject subject = {};
	struct decision decision = {};
	struct sluice_reply_key reply = {};
	struct sluice_caller caller = {};
	struct bpf_sock *sk = ctx->sk;
	int connects, no_storage = 0, last = LAST_ELSEWHERE;
	__u64 cause;
	__u8 verdict;

	packet->protocol = ctx->protocol == IPPROTO_MPTCP ? IPPROTO_TCP : ctx->protocol;
	connects = sk && hook == SLUICE_HOOK_CONNECT && packet->protocol == IPPROTO_TCP;
	if (connects)
		fastpath_invalidate(bpf_get_socket_cookie(ctx));
	if (sk)
		caller.unbound = is_unbound(sk, named);
	if (sk && !connects)
		last = last_call(sk, cfg, packet, caller.unbound);
	if (last == LAST_ALLOWED)
		return CALL_ALLOW;
	caller.netns = bpf_get_netns_cookie(ctx);
	caller.pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(caller.comm, sizeof(caller.comm));
	/* Egress drops a SYN that cannot be remembered; a connection without a SYN would pass
	 * for one older than Sluice. */
	if (sk && !record_caller(sk, &caller, connects))
		no_storage = connects;
	/* To connect a datagram socket sends nothing: getaddrinfo(3) does so to learn which address it would
	 * send from, and sorts what it has found by that (RFC 6724, section 6). */
	if (!cfg || ctx->type == SOCKET_RAW || (ctx->type == SOCKET_DATAGRAM && hook == SLUICE_HOOK_CONNECT))
		return CALL_ALLOW;
	find_caller(cfg, &packet->destination, &subject);
	if (is_loopback(&packet->destination) || subject.own)
		return CALL_ALLOW;
	if (!no_storage && is_left_to_egress(packet, cfg, &subject))
		return CALL_ALLOW;
	judge(packet, subject.policy_set, &decision);
	if (names_matter(&subject, &decision)) {
		struct named_flow flow = named_flow_of(packet, &decision);
		struct sluice_learned_key key = { .netns = caller.netns };

		flow.grace = last == LAST_NAMED;
		__builtin_memcpy(key.address, &packet->destination, sizeof(key.address));
		cause = ask_names(&key, subject.policy_set, &flow);
		if (cause)
			overrule(&decision, cause);
	}
	verdict = no_storage ? SLUICE_VERDICT_DENIED : verdict_for(cfg, &subject, &decision);
	if (verdict == SLUICE_VERDICT_ALLOWED)
		return CALL_ALLOW;
	if (sk && may_be_reply(&subject, packet)) {
		fill_reply_key(&reply, subject.id, packet->protocol, &packet->destination,
			       packet->destination_port, bpf_htons(sk->src_port));
		if (is_reply(&reply, cfg->reply_window_ns))
			return CALL_ALLOW;
	}
	if (!no_storage && decision.action == SLUICE_DENY &&
	    (never_fails_fast(&packet->destination) || has_own_address(subject.id, &packet->destination) ||
	     may_be_local(ctx, packet, subject.flags & SLUICE_POD_ADDRESSED)))
		return CALL_ALLOW;
	report(packet, &subject, &decision, &caller, verdict | (__u32)hook << 8);
	if (verdict == SLUICE_VERDICT_AUDIT)
		return CALL_ALLOW;
	count(subject.slot, verdict, 0, 1);
	return CALL_REJECT;
}

static __always_inline int judge_sock_addr4(struct bpf_sock_addr *ctx, __u8 hook)
{
	struct packet packet = { .destination_port = ctx->user_port };

	map_ipv4(&packet.destination, ctx->user_ip4);
	/* Linux takes 0.0.0.0 for the host itself. */
	if (is_unspecified(&packet.destination))
		return CALL_ALLOW;
	return judge_sock_addr(ctx, &packet, hook, hook == SLUICE_HOOK_CONNECT ? 0 : ctx->msg_src_ip4);
}

static __always_inline int judge_sock_addr6(struct bpf_sock_addr *ctx, __u8 hook)
{
	struct packet packet = { .destination_port = ctx->user_port };
	__u32 named = 0;

	packet.destination.words[0] = ctx->user_ip6[0];
	packet.destination.words[1] = ctx->user_ip6[1];
	packet.destination.words[2] = ctx->user_ip6[2];
	packet.destination.words[3] = ctx->user_ip6[3];
	/* Both :: and ::ffff:0.0.0.0 mean the host itself. */
	if (is_unspecified(&packet.destination))
		return CALL_ALLOW;
	if (hook != SLUICE_HOOK_CONNECT)
		named = ctx->msg_src_ip6[0] | ctx->msg_src_ip6[1] | ctx->msg_src_ip6[2] | ctx->msg_src_ip6[3];
	return judge_sock_addr(ctx, &packet, hook, named);
}

#endif
