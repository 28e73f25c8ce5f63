/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Open connections, whose packets pass without being judged: nearly all that is sent.
 * A place in an array is found without a look-up's call, and is one line of memory
 * where a socket's own storage is four. */
#ifndef SLUICE_TCP_FASTPATH_H
#define SLUICE_TCP_FASTPATH_H

#include "sk_storage.h"

/* Odd, so that no two of so many sockets in a row have one place, and large: sockets made
 * one after the other, which processors share out, are not to share lines of memory. */
#define SPREAD 0x9e37

static __always_inline struct sluice_connection *place_of(__u64 cookie)
{
	__u32 index = (__u32)cookie * SPREAD % SLUICE_MAX_CONNECTIONS;

	return bpf_map_lookup_elem(&sluice_tcp_fastpath, &index);
}

/* Whose a place is: what its index does not tell of the cookie. Two sockets are alike
 * only if 2^47 others came between them. */
static __always_inline __u64 owner(__u64 cookie)
{
	return (cookie / SLUICE_MAX_CONNECTIONS + 1) << 33;
}

/* What is inbound is judged once. */
#define EVERY_GENERATION (1ULL << 32)

/* Packets that pass before `sluice_counters` hears of them, which is another two lines of memory. */
#define COUNTED_TOGETHER 32

static __noinline int flush_counters(struct sluice_connection *place)
{
	if (!place)
		return 0;
	count_many(place->slot, SLUICE_VERDICT_ALLOWED, place->packets, place->bytes);
	place->packets = 0;
	place->bytes = 0;
	return 0;
}

/* Whether it is TCP, with the usual headers only, among which no route can stand: IPv4
 * without options, IPv6 without extension headers. */
static __always_inline int is_plain_tcp(struct __sk_buff *skb)
{
	const __u8 *data = (const __u8 *)(long)skb->data;
	const __u8 *end = (const __u8 *)(long)skb->data_end;

	if (data + sizeof(struct iphdr) > end)
		return 0;
	if (data[0] == 0x45)
		return data[__builtin_offsetof(struct iphdr, protocol)] == IPPROTO_TCP;
	return data[0] >> 4 == 6 && data[__builtin_offsetof(struct ipv6hdr, nexthdr)] == IPPROTO_TCP;
}

/* Passes what an open connection sends. */
static __always_inline int fastpath_hit(struct __sk_buff *skb, const struct sluice_config *cfg)
{
	struct sluice_connection *place;
	__u64 cookie, generation;

	if (!skb->sk || skb->sk->state != STATE_ESTABLISHED || !is_plain_tcp(skb))
		return 0;
	cookie = bpf_get_socket_cookie(skb);
	place = place_of(cookie);
	if (!place)
		return 0;
	generation = place->pass - owner(cookie);
	if (generation != cfg->generation && generation != EVERY_GENERATION)
		return 0;
	place->bytes += skb->len;
	if (++place->packets >= COUNTED_TOGETHER)
		flush_counters(place);
	return 1;
}

/* Has the connection's next packets pass quickly.
 * - Parameter v: an open connection's, which stands. */
static __noinline int fastpath_insert(struct __sk_buff *skb, const struct sluice_verdict *v)
{
	__u64 cookie = bpf_get_socket_cookie(skb);
	struct sluice_connection *place = place_of(cookie);

	if (!place || !v)
		return 0;
	/* Its own of an earlier generation, or those of the socket that it puts out. */
	if (place->packets)
		flush_counters(place);
	place->slot = v->slot;
	place->pass = owner(cookie) + (v->direction == SLUICE_INBOUND ? EVERY_GENERATION : v->generation);
	return 0;
}

/* The socket's next connection is another one, and is judged. */
static __noinline int fastpath_invalidate(__u64 cookie)
{
	struct sluice_connection *place = place_of(cookie);

	if (!place || place->pass - owner(cookie) > EVERY_GENERATION)
		return 0;
	flush_counters(place);
	place->pass = 0;
	return 0;
}

#endif
