/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Remembers whom an isolated pod may reply to, and what resolvers tell. It never drops a packet. */
#ifndef SLUICE_INGRESS_H
#define SLUICE_INGRESS_H

#include "dns_follow.h"

/* Enough of the headers to see whose packet it is not. */
struct first_look {
	__u8 protocol;
	__u8 is_syn;	    /* a connection's first segment */
	__be16 source_port; /* 0 where the headers are not the plain ones */
};

/* Where the flags of TCP stand, and two of them (RFC 9293, section 3.1). */
#define TCP_FLAGS 13
#define TCP_SYN 0x02
#define TCP_ACK 0x10

static __always_inline void look_at_transport(const __u8 *header, struct first_look *look)
{
	look->source_port = *(const __be16 *)header;
	look->is_syn = (header[TCP_FLAGS] & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static __always_inline struct first_look look_at(struct __sk_buff *skb)
{
	const __u8 *data = (const __u8 *)(long)skb->data;
	const __u8 *end = (const __u8 *)(long)skb->data_end;
	struct first_look look = {};
	__u32 offset;

	/* What a sender put together may have its headers alone in one piece. */
	if (data + sizeof(struct iphdr) + TCP_FLAGS < end && data[0] == 0x45) {
		look.protocol = data[__builtin_offsetof(struct iphdr, protocol)];
		look_at_transport(data + sizeof(struct iphdr), &look);
		return look;
	}
	if (data + sizeof(struct ipv6hdr) + TCP_FLAGS < end && data[0] >> 4 == 6) {
		look.protocol = data[__builtin_offsetof(struct ipv6hdr, nexthdr)];
		look_at_transport(data + sizeof(struct ipv6hdr), &look);
		return look;
	}
	offset = skb->protocol == bpf_htons(ETH_P_IP) ? __builtin_offsetof(struct iphdr, protocol) :
							__builtin_offsetof(struct ipv6hdr, nexthdr);
	if (bpf_skb_load_bytes(skb, offset, &look.protocol, 1))
		look.protocol = 0;
	return look;
}

/* Whether the socket itself began the conversation that this packet is part of. */
static __always_inline int answers_own_flow(const struct sluice_verdict *v, const struct packet *packet)
{
	return v && went_to(v, packet->protocol, &packet->source, packet->source_port);
}

/* Notes whom an isolated pod may reply to. */
static __noinline int record_inbound(struct __sk_buff *skb)
{
	struct sluice_config *cfg = read_config();
	struct packet packet = {};
	struct subject subject = {};
	struct sluice_reply_key reply = {};
	struct sluice_verdict *v = 0;
	struct bpf_sock *sk;
	__u64 cookie = 0, netns = 0;
	__u32 direction = SLUICE_INBOUND;
	int isolated, own;

	if (!cfg || comes_from_inside(skb) || read_packet(skb, &packet))
		return 0;
	find_subject(skb, cfg, &packet.source, 0, &subject);
	if (subject.own)
		return 0;
	isolated = may_be_reply(&subject, &packet);
	sk = skb->sk;
	if (sk)
		sk = bpf_sk_fullsock(sk);
	/* Noted as the pod's own for as long as the peer goes on, whatever the socket
	 * does in between. */
	if (sk)
		v = bpf_sk_storage_get(&sluice_verdicts, sk, 0, isolated ? BPF_SK_STORAGE_GET_F_CREATE : 0);
	own = answers_own_flow(v, &packet);
	if (v && own)
		v->noted = coarse_now();
	if (!isolated)
		return 0;
	if (own) {
		direction = SLUICE_OUTBOUND;
	} else {
		cookie = bpf_get_socket_cookie(skb);
		if (v)
			netns = v->caller.netns;
	}
	fill_reply_key(&reply, subject.id, packet.protocol, &packet.source, packet.source_port,
		       packet.destination_port);
	record_tuple(&reply, cfg->reply_window_ns, subject.slot, direction, cookie, netns);
	return 0;
}

/* Marks a listener that somebody connects to, for the sockets that it accepts. Egress
 * does so too by the SYN-ACK, but before Linux 6.6 it does not see that of IPv6. */
static __noinline int mark_listener(struct __sk_buff *skb)
{
	struct sluice_config *cfg = read_config();
	struct subject subject = {};
	struct packet packet = {};
	struct bpf_sock *sk = skb->sk;
	struct sluice_verdict *v;

	if (!cfg || !sk)
		return 0;
	sk = bpf_sk_fullsock(sk);
	if (!sk || sk->state != STATE_LISTEN || !is_tcp(sk))
		return 0;
	v = bpf_sk_storage_get(&sluice_verdicts, sk, 0, 0);
	if ((v && v->connection && v->direction == SLUICE_INBOUND) || read_packet(skb, &packet))
		return 0;
	find_subject(skb, cfg, &packet.source, 0, &subject);
	remember(sk, &packet,
		 (struct outcome){ .generation = cfg->generation,
				   .slot = subject.slot,
				   .verdict = SLUICE_VERDICT_ALLOWED,
				   .direction = SLUICE_INBOUND });
	return 0;
}

#endif
