/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What pods ask their resolvers over TCP. A message is preceded by its length (RFC 7766,
 * section 8). */
#ifndef SLUICE_DNS_STREAM_H
#define SLUICE_DNS_STREAM_H

#include "sk_storage.h"

/* Lengths and queries in one packet; what is behind them is not noted. */
#define QUERIES_TOGETHER 128
#define LENGTH_BYTES 2

/* - Returns: what is known of a TCP socket's connection to a resolver. */
static __always_inline struct sluice_stream *stream_of(struct __sk_buff *skb, int begins)
{
	struct bpf_sock *sk = skb->sk;

	if (sk)
		sk = bpf_sk_fullsock(sk);
	if (!sk || !is_tcp(sk))
		return 0;
	return bpf_sk_storage_get(&sluice_dns_streams, sk, 0, begins ? BPF_SK_STORAGE_GET_F_CREATE : 0);
}

/* Reads a length or a query.
 * - Parameter offset: of it in the packet.
 * - Parameter size: what the packet has from there on. */
static __always_inline void read_asking(struct __sk_buff *skb, struct sluice_stream *stream, __u32 offset,
					__u32 size, __u64 netns, __u32 slot)
{
	__u8 length[LENGTH_BYTES];

	if (stream->ask_left) {
		/* One that another packet goes on with is noted if its question is here. */
		record_query(skb, offset, netns, slot);
		stream->asked += stream->ask_left;
		stream->ask_left = 0;
	} else if (size < LENGTH_BYTES || bpf_skb_load_bytes(skb, offset, length, sizeof(length))) {
		stream->deaf = 1;
	} else {
		stream->asked += LENGTH_BYTES;
		stream->ask_left = (__u32)length[0] << 8 | length[1];
	}
}

/* Notes the queries in a segment that a pod sends to a resolver. The connection is
 * followed from its SYN on, or not at all.
 * - Parameter offset: of the TCP header.
 * - Parameter netns: the socket's network namespace.
 * - Parameter slot: the pod's. */
__noinline int record_tcp_query(struct __sk_buff *skb, __u32 offset, __u64 netns, __u32 slot)
{
	struct sluice_stream *stream;
	struct tcphdr header;
	__u32 data, position;
	int begins;

	if (bpf_skb_load_bytes(skb, offset, &header, sizeof(header)))
		return 0;
	begins = header.syn && !header.ack;
	stream = stream_of(skb, begins);
	if (!stream)
		return 0;
	if (begins && stream->ask_start != bpf_ntohl(header.seq) + 1) {
		/* An earlier connection of the socket may have been followed. */
		__builtin_memset(stream, 0, sizeof(*stream));
		stream->ask_start = bpf_ntohl(header.seq) + 1;
	}
	data = offset + header.doff * 4;
	position = bpf_ntohl(header.seq) + header.syn - stream->ask_start;
	for (__u32 i = 0; i < QUERIES_TOGETHER; i++) {
		__u32 ahead = stream->asked - position;

		if (stream->deaf || data >= skb->len || ahead >= skb->len - data)
			break;
		read_asking(skb, stream, data + ahead, skb->len - data - ahead, netns, slot);
	}
	return 0;
}

#endif
