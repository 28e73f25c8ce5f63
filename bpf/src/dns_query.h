/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What pods ask their resolvers, so that nobody else's answers count. */
#ifndef SLUICE_DNS_QUERY_H
#define SLUICE_DNS_QUERY_H

#include "maps.h"
#include "packet.h"

#define DNS_PORT 53
#define UDP_HEADER 8

/* RFC 1035, section 4.1.1. */
struct dns_header {
	__be16 id;
	__u8 flags; /* QR, opcode, AA, TC, RD */
	__u8 code;  /* RA, Z, RCODE */
	__be16 questions;
	__be16 answers;
	__be16 authorities;
	__be16 additional;
};

#define DNS_RESPONSE 0x80
#define DNS_OPCODE 0x78
#define DNS_TRUNCATED 0x02
#define DNS_RCODE 0x0f
#define DNS_IN 1
#define DNS_A 1
#define DNS_CNAME 5
#define DNS_AAAA 28
/* Section 2.3.4, without the root's own byte. */
#define DNS_NAME_MAX 254
#define DNS_LABEL_MAX 63

/* What follows a question's name. */
struct dns_question {
	__be16 type;
	__be16 class;
};

/* FNV-1a, of a name as it goes over the wire. Case says nothing (section 2.3.3). */
#define HASH_START 0xcbf29ce484222325ULL
static __always_inline __u64 hash_step(__u64 hash, __u16 value)
{
	return (hash ^ value) * 0x100000001b3ULL;
}

/* Whether the byte is in a set of characters from 64 on. Without a branch, as the
 * verifier follows both sides of each one, for each byte of a name. */
static __always_inline __u8 in_set(__u64 set, __u8 byte)
{
	return (set >> (byte & 63)) & (byte >> 6 == 1);
}

#define CAPITALS 0x0000000007fffffeULL /* A to Z */

static __always_inline __u8 lower_case(__u8 byte)
{
	return byte + (in_set(CAPITALS, byte) << 5);
}

static __always_inline int is_trusted(const struct address *resolver)
{
	struct sluice_resolver_key key;

	__builtin_memcpy(key.address, resolver, sizeof(key.address));
	return bpf_map_lookup_elem(&sluice_resolvers, &key) != 0;
}

/* Whether it goes where resolvers are asked, by UDP or TCP. */
static __always_inline int is_query(const struct packet *packet)
{
	return (packet->protocol == IPPROTO_UDP || packet->protocol == IPPROTO_TCP) && !packet->l4_unknown &&
	       packet->destination_port == bpf_htons(DNS_PORT);
}

/* A hash of the question at the offset: name, type and class. A function that the
 * verifier looks at on its own.
 * - Returns: 0 if there is none. */
__noinline __u64 hash_question(struct __sk_buff *skb, __u32 offset)
{
	__u32 zero = opaque_zero(skb), left = zero;
	__u64 hash = HASH_START;

	for (__u32 i = 0; i <= DNS_NAME_MAX; i++) {
		__u8 byte;

		if (bpf_skb_load_bytes(skb, offset, &byte, 1))
			return 0;
		offset++;
		if (left) {
			left += zero - 1;
			byte = lower_case(byte);
		} else if (byte) {
			if (byte > DNS_LABEL_MAX)
				return 0;
			left = byte + zero;
		} else {
			struct dns_question question;

			if (bpf_skb_load_bytes(skb, offset, &question, sizeof(question)))
				return 0;
			return hash_step(hash_step(hash, question.type), question.class);
		}
		hash = hash_step(hash, byte);
	}
	return 0;
}

/* Takes the next cell of one of a pod's rings.
 * - Parameter head: a member of the pod's share. */
static __always_inline __u32 claim_cell(struct sluice_share *share, __u32 *head)
{
	__u32 index;

	bpf_spin_lock(&share->lock);
	index = (*head)++;
	bpf_spin_unlock(&share->lock);
	return index;
}

/* Notes a query in the place of the pod's oldest, so that no pod holds more than its
 * share; where the whole map is full it is not noted. */
static __always_inline void begin_query(const struct sluice_query_key *key, struct sluice_query *query,
					__u32 slot)
{
	struct sluice_share *share = bpf_map_lookup_elem(&sluice_pod_shares, &slot);
	struct sluice_cell cell = { .slot = slot };
	struct sluice_query_key *held;
	struct sluice_query *old;

	if (!share)
		return;
	cell.index = claim_cell(share, &share->query_head) % SLUICE_QUERY_SHARE;
	held = bpf_map_lookup_elem(&sluice_ring_queries, &cell);
	if (held) {
		old = bpf_map_lookup_elem(&sluice_dns_queries, held);
		/* One that was asked again after its answer stands in another cell. */
		if (old && old->cell == cell.index)
			bpf_map_delete_elem(&sluice_dns_queries, held);
		__builtin_memcpy(held, key, sizeof(*held));
	} else if (bpf_map_update_elem(&sluice_ring_queries, &cell, key, BPF_ANY)) {
		return;
	}
	query->cell = cell.index;
	bpf_map_update_elem(&sluice_dns_queries, key, query, BPF_ANY);
}

/* Remembers the question of a query to a resolver. A query that is not understood
 * is sent like any other; its answer opens nothing.
 * - Parameter offset: of the message.
 * - Parameter netns: the socket's network namespace.
 * - Parameter slot: the pod's. */
__noinline int record_query(struct __sk_buff *skb, __u32 offset, __u64 netns, __u32 slot)
{
	struct sluice_query_key key = {};
	struct sluice_query query = { .netns = netns };
	struct sluice_query *known;
	struct dns_header header;

	if (bpf_skb_load_bytes(skb, offset, &header, sizeof(header)) ||
	    header.flags & (DNS_RESPONSE | DNS_OPCODE) || header.questions != bpf_htons(1))
		return 0;
	query.question = hash_question(skb, offset + sizeof(header));
	if (!query.question)
		return 0;
	key.socket = bpf_get_socket_cookie(skb);
	key.id = header.id;
	query.asked_ns = bpf_ktime_get_ns();
	known = bpf_map_lookup_elem(&sluice_dns_queries, &key);
	if (known) {
		query.cell = known->cell;
		bpf_map_update_elem(&sluice_dns_queries, &key, &query, BPF_EXIST);
		return 0;
	}
	begin_query(&key, &query, slot);
	return 0;
}

#endif
