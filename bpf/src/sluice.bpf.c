/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The programs, one line of work each; the headers beside this file say how. */
#include "egress.h"
#include "ingress.h"
#include "sock_addr.h"
#include "sock_create.h"

SEC("cgroup_skb/egress")
int sluice_egress(struct __sk_buff *skb)
{
	struct sluice_config *cfg = read_config();
	struct sluice_verdict *v;

	if (!cfg)
		return PACKET_DROP;
	if (fastpath_hit(skb, cfg))
		return PACKET_PASS;
	v = verdict_of(skb->sk);
	if (v && v->connection == SLUICE_NO_CONNECTION && udp_fastpath_hit(skb, v, cfg))
		return PACKET_PASS;
	if (v && v->caller.netns)
		record_questions(skb, v->caller.netns);
	return judge_egress(skb, cfg, v);
}

SEC("cgroup_skb/ingress")
int sluice_ingress(struct __sk_buff *skb)
{
	struct first_look look = look_at(skb);

	if (look.protocol != IPPROTO_TCP) {
		if (look.source_port == bpf_htons(DNS_PORT) || !look.source_port)
			read_datagram(skb);
		if (!reply_recently_recorded(skb, verdict_of(skb->sk)))
			record_inbound(skb);
	} else if (look.is_syn) {
		mark_listener(skb);
	} else if (look.source_port == bpf_htons(DNS_PORT)) {
		/* What the compiler knows of the number the verifier does not. */
		int comes_later = follow_stream(skb) == PACKET_LATER;

		asm volatile("" : "+r"(comes_later));
		return comes_later ? PACKET_LATER : PACKET_PASS;
	}
	return PACKET_PASS;
}

SEC("cgroup/sock_create")
int sluice_sock_create(struct bpf_sock *sk)
{
	record_netns(sk);
	return CALL_ALLOW;
}

SEC("cgroup/connect4")
int sluice_connect4(struct bpf_sock_addr *ctx)
{
	return judge_sock_addr4(ctx, SLUICE_HOOK_CONNECT);
}

SEC("cgroup/connect6")
int sluice_connect6(struct bpf_sock_addr *ctx)
{
	return judge_sock_addr6(ctx, SLUICE_HOOK_CONNECT);
}

SEC("cgroup/sendmsg4")
int sluice_sendmsg4(struct bpf_sock_addr *ctx)
{
	return judge_sock_addr4(ctx, SLUICE_HOOK_SENDMSG);
}

SEC("cgroup/sendmsg6")
int sluice_sendmsg6(struct bpf_sock_addr *ctx)
{
	return judge_sock_addr6(ctx, SLUICE_HOOK_SENDMSG);
}

SEC("cgroup/setsockopt")
int sluice_setsockopt(struct bpf_sockopt *ctx)
{
	hide_errqueue_option(ctx);
	return CALL_ALLOW;
}

/* Judges nothing. The agent attaches it for a moment, to learn how deep in the kernel's
 * tree of cgroups the one lies that it takes for the root. */
SEC("cgroup_skb/egress")
int sluice_depth(struct __sk_buff *skb)
{
	count_canary(skb);
	return PACKET_PASS;
}

char LICENSE[] SEC("license") = "GPL";
