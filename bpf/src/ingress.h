/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Remembers whom an isolated pod may reply to. It never drops a packet. */
#ifndef SLUICE_INGRESS_H
#define SLUICE_INGRESS_H

#include "egress.h"

static __always_inline __u8 transport_of(struct __sk_buff *skb)
{
	__u8 protocol = 0;
	__u32 offset = skb->protocol == bpf_htons(ETH_P_IP) ?
			       __builtin_offsetof(struct iphdr, protocol) :
			       __builtin_offsetof(struct ipv6hdr, nexthdr);

	if (bpf_skb_load_bytes(skb, offset, &protocol, 1))
		return 0;
	return protocol;
}

/* Whether the socket itself began the conversation that this packet is part of. */
static __always_inline int answers_own_flow(const struct sluice_verdict *v, const struct packet *packet)
{
	return v && v->direction == SLUICE_OUTBOUND && v->protocol == packet->protocol &&
	       v->port == packet->source_port && same_address(&packet->source, v->address);
}

static __always_inline void note_ingress(struct __sk_buff *skb)
{
	struct sluice_config *cfg = read_config();
	struct packet packet = {};
	struct subject subject = {};
	struct sluice_reply_key reply = {};
	struct sluice_verdict *v = 0;
	struct bpf_sock *sk;
	__u64 cookie = 0;
	__u32 direction = SLUICE_INBOUND;

	if (!cfg || read_packet(skb, &packet))
		return;
	find_subject(skb, cfg, &packet.source, &subject);
	/* What arrives by way of loopback came from inside, where any source can
	 * be forged: it permits nothing. */
	if (!may_be_reply(&subject, &packet) || stays_inside(skb) || subject.own)
		return;
	sk = skb->sk;
	if (sk)
		sk = bpf_sk_fullsock(sk);
	/* Noted as the pod's own for as long as the peer goes on, whatever the socket
	 * does in between. */
	if (sk)
		v = bpf_sk_storage_get(&verdicts, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (answers_own_flow(v, &packet)) {
		direction = SLUICE_OUTBOUND;
	} else {
		cookie = bpf_get_socket_cookie(skb);
		if (v)
			v->cookie = cookie;
	}
	fill_reply_key(&reply, subject.id, packet.protocol, &packet.source, packet.source_port,
		       packet.destination_port);
	note_tuple(&reply, cfg->reply_window_ns, direction, cookie);
}

#endif
