/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The same verdict before the first packet, so that a denied call fails at once
 * and the event can name the process. These hooks only ever refuse what egress
 * would drop; they allow nothing. */
#ifndef SLUICE_REFUSE_H
#define SLUICE_REFUSE_H

#include "connections.h"
#include "replies.h"

/* What a sock_addr program returns: 0 fails the call with EPERM. */
#define CALL_REFUSE 0
#define CALL_PROCEED 1

#define SOCKET_RAW 3
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

static __always_inline void find_caller(struct bpf_sock_addr *ctx, const struct sluice_config *cfg,
					const struct address *destination, struct subject *subject)
{
	for (__u32 i = 0; i < SLUICE_MAX_LEVELS; i++) {
		struct sluice_pod *pod;
		__u64 id;

		if (i >= cfg->level_count)
			break;
		id = bpf_get_current_ancestor_cgroup_id(cfg->levels[i]);
		if (!id)
			continue;
		pod = bpf_map_lookup_elem(&pods, &id);
		if (pod) {
			fill_subject(subject, id, pod, destination);
			return;
		}
	}
	fill_unknown(subject, bpf_get_current_cgroup_id());
}

/* Whether a socket of the caller's own network namespace holds the destination
 * port, so that the address may be one of the namespace's own. Egress sees the
 * interface and knows; this hook does not, and must not refuse too much. */
static __noinline int may_be_local(struct bpf_sock_addr *ctx, const struct packet *packet)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *found;
	__u32 size;

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
	bpf_sk_release(found);
	return 1;
}

/* Notes the call, for what egress will have to tell of the socket.
 * - Parameter connects: whether a TCP socket does. Its earlier connection is forgotten: by
 *   TCP_REPAIR the next one may come about without a SYN, which would be judged.
 * - Returns: whether it could, see `remember`. */
static __always_inline int note_call(struct bpf_sock *sk, const struct sluice_caller *caller, int connects)
{
	struct sluice_verdict *v = bpf_sk_storage_get(&verdicts, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (!v)
		return 0;
	if (v->caller.pid != caller->pid)
		v->caller = *caller;
	if (connects) {
		bpf_spin_lock(&v->lock);
		v->generation = 0;
		v->connection = SLUICE_NO_CONNECTION;
		bpf_spin_unlock(&v->lock);
	}
	return 1;
}

/* Whether egress let the socket's last packet go there under the tables of today: most
 * that unconnected sockets send. It has the last word all the same. */
static __noinline int proceeds_again(struct bpf_sock *sk, const struct sluice_config *cfg,
				     const struct packet *packet)
{
	struct sluice_verdict *v = verdict_of(sk);
	int holds;

	if (!v || !cfg || !packet)
		return 0;
	bpf_spin_lock(&v->lock);
	holds = v->generation == cfg->generation && v->verdict == SLUICE_VERDICT_ALLOWED &&
		went_to(v, packet->protocol, &packet->destination, packet->destination_port);
	bpf_spin_unlock(&v->lock);
	return holds;
}

/* Whether the call is not judged here. */
static __always_inline int leaves_to_egress(const struct packet *packet, const struct sluice_config *cfg,
					    const struct subject *subject)
{
	if (!(cfg->flags & SLUICE_CONFIG_FAIL_FAST) || subject->flags & SLUICE_POD_FAIL_SLOW)
		return 1;
	/* Resolvers connect UDP sockets to port 0 only to learn their own address. */
	if (has_ports(packet->protocol) && !packet->destination_port)
		return 1;
	return !subject->known && cfg->posture == SLUICE_POSTURE_HOLD;
}

static __always_inline int refuse_or_proceed(struct bpf_sock_addr *ctx, struct packet *packet, __u8 hook)
{
	struct sluice_config *cfg = read_config();
	struct subject subject = {};
	struct decision decision = {};
	struct sluice_reply_key reply = {};
	struct sluice_caller caller = {};
	struct bpf_sock *sk = ctx->sk;
	int connects, cramped = 0;
	__u64 cause;
	__u8 verdict;

	packet->protocol = ctx->protocol == IPPROTO_MPTCP ? IPPROTO_TCP : ctx->protocol;
	connects = sk && hook == SLUICE_HOOK_CONNECT && packet->protocol == IPPROTO_TCP;
	if (connects)
		close_quick_way(bpf_get_socket_cookie(ctx));
	else if (sk && proceeds_again(sk, cfg, packet))
		return CALL_PROCEED;
	caller.netns = bpf_get_netns_cookie(ctx);
	caller.pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(caller.comm, sizeof(caller.comm));
	/* Egress drops a SYN that cannot be remembered; a connection without a SYN would pass
	 * for one older than Sluice. */
	if (sk && !note_call(sk, &caller, connects))
		cramped = connects;
	if (!cfg || ctx->type == SOCKET_RAW)
		return CALL_PROCEED;
	find_caller(ctx, cfg, &packet->destination, &subject);
	if (is_loopback(&packet->destination) || subject.own)
		return CALL_PROCEED;
	if (!cramped && leaves_to_egress(packet, cfg, &subject))
		return CALL_PROCEED;
	judge(packet, subject.policy_set, &decision);
	if (names_matter(&subject, &decision)) {
		struct named_flow flow = named_flow_of(packet, &decision);

		cause = ask_names(&packet->destination, subject.policy_set, caller.netns, &flow);
		if (cause)
			overrule(&decision, cause);
	}
	verdict = cramped ? SLUICE_VERDICT_DENIED : verdict_for(cfg, &subject, &decision);
	if (verdict == SLUICE_VERDICT_ALLOWED)
		return CALL_PROCEED;
	if (sk && may_be_reply(&subject, packet)) {
		fill_reply_key(&reply, subject.id, packet->protocol, &packet->destination,
			       packet->destination_port, bpf_htons(sk->src_port));
		if (is_reply(&reply, cfg->reply_window_ns))
			return CALL_PROCEED;
	}
	if (!cramped && decision.action == SLUICE_DENY && may_be_local(ctx, packet))
		return CALL_PROCEED;
	report(packet, &subject, &decision, &caller, verdict | (__u32)hook << 8);
	if (verdict == SLUICE_VERDICT_AUDIT)
		return CALL_PROCEED;
	count(subject.slot, verdict, 0, 1);
	return CALL_REFUSE;
}

static __always_inline int refuse_ipv4(struct bpf_sock_addr *ctx, __u8 hook)
{
	struct packet packet = { .destination_port = ctx->user_port };

	/* Linux takes 0.0.0.0 for the host itself. */
	if (!ctx->user_ip4)
		return CALL_PROCEED;
	map_ipv4(&packet.destination, ctx->user_ip4);
	return refuse_or_proceed(ctx, &packet, hook);
}

static __always_inline int refuse_ipv6(struct bpf_sock_addr *ctx, __u8 hook)
{
	struct packet packet = { .destination_port = ctx->user_port };

	packet.destination.words[0] = ctx->user_ip6[0];
	packet.destination.words[1] = ctx->user_ip6[1];
	packet.destination.words[2] = ctx->user_ip6[2];
	packet.destination.words[3] = ctx->user_ip6[3];
	/* Both :: and ::ffff:0.0.0.0 mean the host itself. */
	if (!packet.destination.words[0] && !packet.destination.words[1] && !packet.destination.words[3] &&
	    (!packet.destination.words[2] || packet.destination.words[2] == bpf_htonl(0xffff)))
		return CALL_PROCEED;
	return refuse_or_proceed(ctx, &packet, hook);
}

#endif
