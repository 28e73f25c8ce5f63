/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What a socket remembers of its last verdict, and the datagrams that it may send by that alone. */
#ifndef SLUICE_SK_STORAGE_H
#define SLUICE_SK_STORAGE_H

#include "dns_query.h"
#include "report.h"

/* Socket states (include/net/tcp_states.h). */
#define STATE_ESTABLISHED 1
#define STATE_SYN_SENT 2
#define STATE_LISTEN 10

#define SOCKET_STREAM 1

static __always_inline int is_tcp(const struct bpf_sock *sk)
{
	return sk->type == SOCKET_STREAM && sk->protocol == IPPROTO_TCP;
}

/* - Returns: 0 for a socket that remembers nothing, and for what is no full socket. */
static __always_inline struct sluice_verdict *verdict_of(struct bpf_sock *sk)
{
	return sk ? bpf_sk_storage_get(&sluice_verdicts, sk, 0, 0) : 0;
}

/* What a socket is to remember of a packet's judgement. */
struct outcome {
	__u32 generation; /* of the tables that were asked */
	__u32 slot;	  /* the pod's */
	__u8 verdict;	  /* enum sluice_verdict_kind */
	__u8 direction;	  /* enum sluice_direction */
	__u8 inside;	  /* the packet stays within the network namespace */
	__u8 named;	  /* a name has the last word */
};

/* - Returns: whether it could: a socket that has used up its memory for options
 *   (net.core.optmem_max) has no room for it. */
static __always_inline int remember(struct bpf_sock *sk, const struct packet *packet, struct outcome outcome)
{
	struct sluice_verdict *v = bpf_sk_storage_get(&sluice_verdicts, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (!v)
		return 0;
	bpf_spin_lock(&v->lock);
	v->generation = outcome.generation;
	v->slot = outcome.slot;
	v->verdict = outcome.verdict;
	v->direction = outcome.direction;
	v->protocol = packet->protocol;
	v->connection = !is_tcp(sk) ? SLUICE_NO_CONNECTION :
			outcome.verdict == SLUICE_VERDICT_ALLOWED && !outcome.inside ?
				      SLUICE_OPEN_CONNECTION :
				      SLUICE_CONNECTION;
	v->inside = outcome.inside;
	v->named = outcome.named;
	v->port = packet->destination_port;
	__builtin_memcpy(v->address, &packet->destination, sizeof(v->address));
	__builtin_memcpy(v->source, &packet->source, sizeof(v->source));
	bpf_spin_unlock(&v->lock);
	return 1;
}

/* Whether the verdict holds for what the connection sends now: what is inbound is judged
 * once. A SYN and a SYN-ACK are judged afresh, see judge_egress. */
static __always_inline int stands(const struct sluice_verdict *v, const struct sluice_config *cfg,
				  __u32 state, int inside)
{
	if (!v || !v->connection || state == STATE_SYN_SENT || state == STATE_LISTEN)
		return 0;
	if (v->direction == SLUICE_INBOUND)
		return 1;
	return v->generation == cfg->generation && (inside || !v->inside);
}

/* Whether the socket's last packet went there, by a flow of the pod's own. */
static __always_inline int went_to(const struct sluice_verdict *v, __u8 protocol,
				   const struct address *address, __be16 port)
{
	return v->generation && v->direction == SLUICE_OUTBOUND && v->protocol == protocol &&
	       v->port == port && same_address(address, v->address);
}

/* What the socket remembers, as seen from the packet at hand. */
struct last_verdict {
	__u32 generation; /* 0 if it remembers nothing */
	__u32 slot;
	__u8 verdict;
	__u8 inside;
	__u8 named;
	__u8 same; /* the packet has the ends of the socket's last one: no flow begins with it */
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
	/* A socket may name another source for each datagram (IPV6_PKTINFO). */
	last->same = went_to(v, packet->protocol, &packet->destination, packet->destination_port) &&
		     same_address(&packet->source, v->source);
	bpf_spin_unlock(&v->lock);
}

/* Whether the socket's last packet was like this one and passed. What was
 * denied is judged each time: a reply may have become due since. */
static __always_inline int passed_already(const struct last_verdict *last, const struct packet *packet,
					  __u32 generation, int inside)
{
	return last->same && last->generation == generation && (inside || !last->inside) &&
	       (last->verdict == SLUICE_VERDICT_ALLOWED || last->verdict == SLUICE_VERDICT_AUDIT) &&
	       !packet->l4_unknown;
}

/* The ends of a datagram. */
struct ends {
	struct address far;
	struct address near;
	__be16 port; /* the far one */
};

/* Reads the ends of a plain UDP datagram, without a call.
 * - Parameter comes_in: constant.
 * - Returns: whether it is one. */
static __always_inline int read_ends(struct __sk_buff *skb, int comes_in, struct ends *ends)
{
	const __u8 *data = (const __u8 *)(long)skb->data;
	const __u8 *limit = (const __u8 *)(long)skb->data_end;
	const struct ipv6hdr *ipv6 = (const void *)data;
	const struct iphdr *ipv4 = (const void *)data;

	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		if (data + sizeof(*ipv4) + UDP_HEADER > limit || data[0] != 0x45 ||
		    ipv4->protocol != IPPROTO_UDP || ipv4->frag_off & bpf_htons(IPV4_OFFSET_MASK))
			return 0;
		map_ipv4(&ends->far, comes_in ? ipv4->saddr : ipv4->daddr);
		map_ipv4(&ends->near, comes_in ? ipv4->daddr : ipv4->saddr);
		ends->port = ((const __be16 *)(ipv4 + 1))[!comes_in];
		return 1;
	}
	if (skb->protocol != bpf_htons(ETH_P_IPV6) || data + sizeof(*ipv6) + UDP_HEADER > limit ||
	    ipv6->nexthdr != IPPROTO_UDP)
		return 0;
	__builtin_memcpy(&ends->far, comes_in ? &ipv6->saddr : &ipv6->daddr, sizeof(ends->far));
	__builtin_memcpy(&ends->near, comes_in ? &ipv6->daddr : &ipv6->saddr, sizeof(ends->near));
	ends->port = ((const __be16 *)(ipv6 + 1))[!comes_in];
	return 1;
}

/* Passes a datagram that has the ends of the socket's last one, which passed: most
 * that are sent. What is asked of resolvers is noted elsewhere. */
static __noinline int udp_fastpath_hit(struct __sk_buff *skb, struct sluice_verdict *v,
				       const struct sluice_config *cfg)
{
	struct ends ends;
	__u8 verdict;
	__u32 slot;
	int holds;

	if (!v || !cfg || !read_ends(skb, 0, &ends) || ends.port == bpf_htons(DNS_PORT))
		return 0;
	bpf_spin_lock(&v->lock);
	slot = v->slot;
	verdict = v->verdict;
	holds = v->generation == cfg->generation && !v->inside &&
		went_to(v, IPPROTO_UDP, &ends.far, ends.port) && same_address(&ends.near, v->source);
	bpf_spin_unlock(&v->lock);
	if (!holds || (verdict != SLUICE_VERDICT_ALLOWED && verdict != SLUICE_VERDICT_AUDIT))
		return 0;
	count(slot, verdict, skb->len, 0);
	return 1;
}

/* The time in steps of 134 ms, much less than any window for replies. */
static __always_inline __u32 coarse_now(void)
{
	return bpf_ktime_get_ns() >> 27;
}

/* Whether the datagram comes from where the socket's last one went, and another one that
 * did was noted just now: most that arrive. What resolvers tell is read each time. */
static __noinline int reply_recently_recorded(struct __sk_buff *skb, struct sluice_verdict *v)
{
	struct ends ends;
	int same;

	if (!v || !read_ends(skb, 1, &ends) || ends.port == bpf_htons(DNS_PORT))
		return 0;
	bpf_spin_lock(&v->lock);
	same = went_to(v, IPPROTO_UDP, &ends.far, ends.port);
	bpf_spin_unlock(&v->lock);
	return same && v->noted == coarse_now();
}

#endif
