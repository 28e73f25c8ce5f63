/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Answers of resolvers: read before the pod's own resolver sees them, so that the
 * first connection to what it says meets its permission. */
#ifndef SLUICE_ANSWERS_H
#define SLUICE_ANSWERS_H

#include "egress.h"
#include "message.h"

/* How long a resolver may take. */
#define QUERY_WINDOW_NS (30 * SECOND_NS)
/* TCP data that is further ahead than this is none that the pod waits for. */
#define WINDOW_BYTES 65536
/* Pieces of SLUICE_ANSWER_DATA in the largest packet. */
#define PIECES_MAX 16

static __always_inline void count_reading(__u32 what)
{
	__u64 *counter = bpf_map_lookup_elem(&reading, &what);

	if (counter)
		*counter += 1;
}

static __always_inline __u64 lifetime_ns(const struct sluice_config *cfg, __u32 ttl)
{
	if (ttl > cfg->ttl_ceiling)
		ttl = cfg->ttl_ceiling;
	if (ttl < cfg->ttl_floor)
		ttl = cfg->ttl_floor;
	return (__u64)ttl * SECOND_NS;
}

/* Notes a name that a rule covers, beside others of the same address.
 * - Returns: 0, or -1 if it took the place of another name. */
static __always_inline int learn(struct reading_state *state)
{
	__u64 soonest = ~0ULL;
	__u32 place = 0;
	int crowded;

	for (__u32 i = 0; i < SLUICE_NAMES_PER_ADDRESS; i++) {
		struct sluice_learned *known;

		state->key.index = i;
		known = bpf_map_lookup_elem(&learned, &state->key);
		if (known && known->hash == state->entry.hash) {
			if (known->expires_ns < state->entry.expires_ns)
				known->expires_ns = state->entry.expires_ns;
			known->heard_ns = state->entry.heard_ns;
			return 0;
		}
		/* A free place is one that has ended long ago. */
		if ((known ? known->expires_ns : 0) < soonest) {
			soonest = known ? known->expires_ns : 0;
			place = i;
		}
	}
	crowded = soonest > state->entry.heard_ns;
	state->key.index = place;
	bpf_map_update_elem(&learned, &state->key, &state->entry, BPF_ANY);
	return crowded ? -1 : 0;
}

/* - Returns: whether the name was not known there. */
static __always_inline int hear(struct reading_state *state)
{
	struct sluice_learned *known;

	state->key.index = 0;
	known = bpf_map_lookup_elem(&heard, &state->key);
	if (known && known->hash == state->entry.hash) {
		known->expires_ns = state->entry.expires_ns;
		known->heard_ns = state->entry.heard_ns;
		return 0;
	}
	bpf_map_update_elem(&heard, &state->key, &state->entry, BPF_ANY);
	return 1;
}

/* Notes one of the addresses that were found.
 * - Returns: 1 if a name is new that no rule covers. */
__noinline int note_address(__u32 index, __u32 covered)
{
	struct reading_state *state = reading_here();
	struct sluice_config *cfg = read_config();
	struct answer_address *found;

	if (!state || !cfg || index >= ANSWERS_MAX)
		return 0;
	found = &state->addresses[index];
	__builtin_memcpy(state->key.address, &found->address, sizeof(state->key.address));
	state->entry.expires_ns = state->entry.heard_ns + lifetime_ns(cfg, found->ttl);
	if (!covered)
		return hear(state);
	if (learn(state))
		count_reading(SLUICE_READ_CROWDED);
	return 0;
}

/* Where a message comes from, for the agent. */
struct origin {
	__u64 netns;
	__u64 socket; /* cookie */
	struct address resolver;
	__u32 kind; /* enum sluice_answer_kind */
	__u32 sequence;
};

/* A piece of a message for the agent, or 0 if its buffer is full. */
static __always_inline struct sluice_answer *new_piece(const struct subject *subject,
						       const struct origin *origin)
{
	struct sluice_answer *piece = bpf_ringbuf_reserve(&answers, sizeof(*piece), 0);

	if (!piece) {
		count_reading(SLUICE_READ_LOST);
		return 0;
	}
	piece->time_ns = bpf_ktime_get_ns();
	piece->pod = subject->id;
	piece->policy_set = subject->policy_set;
	piece->netns = origin->netns;
	piece->socket = origin->socket;
	piece->kind = origin->kind;
	piece->sequence = origin->sequence;
	piece->length = 0;
	piece->zero = 0;
	__builtin_memcpy(piece->resolver, &origin->resolver, sizeof(piece->resolver));
	return piece;
}

/* Gives the agent bytes of the packet.
 * - Returns: how many. */
static __noinline int copy_piece(struct __sk_buff *skb, const struct subject *subject,
				 const struct origin *origin, __u32 offset)
{
	struct sluice_answer *piece;
	__u32 size;

	if (!subject || !origin || offset >= skb->len)
		return 0;
	size = skb->len - offset;
	if (size > SLUICE_ANSWER_DATA)
		size = SLUICE_ANSWER_DATA;
	piece = new_piece(subject, origin);
	if (!piece)
		return 0;
	if (bpf_skb_load_bytes(skb, offset, piece->data, bounded(size, SLUICE_ANSWER_DATA))) {
		bpf_ringbuf_discard(piece, 0);
		return 0;
	}
	piece->length = size;
	bpf_ringbuf_submit(piece, 0);
	return size;
}

/* Tells the agent of a name that the pod's rules do not cover. */
static __noinline int tell_uncovered(const struct subject *subject, const struct origin *origin)
{
	struct reading_state *state = reading_here();
	struct sluice_answer *piece;

	if (!state || !subject || !origin)
		return 0;
	piece = new_piece(subject, origin);
	if (!piece)
		return 0;
	__builtin_memcpy(piece->data, state->entry.name.name, SLUICE_NAME_BYTES);
	piece->length = SLUICE_NAME_BYTES;
	bpf_ringbuf_submit(piece, 0);
	return 0;
}

/* Reads the answers of a message, from behind the question's name on, and notes all
 * of them or none.
 * - Returns: what became of it. */
static __noinline int read_answers(struct __sk_buff *skb, __u32 offset, __u32 count,
				   const struct subject *subject, const struct origin *origin)
{
	struct reading_state *state = reading_here();
	__u64 name_class;
	__u32 covered, new = 0;

	if (!state || !subject || !origin)
		return SLUICE_READ_BROKEN;
	state->found = 0;
	for (__u32 i = 0; i < ANSWERS_MAX; i++) {
		if (i >= count)
			break;
		offset = read_record(skb, offset);
		if (!offset)
			return SLUICE_READ_BROKEN;
	}
	name_class = class_of_name(&state->entry.name);
	covered = is_covered(subject->policy_set, name_class);
	state->entry.heard_ns = bpf_ktime_get_ns();
	state->entry.pod = subject->id;
	state->entry.hash = state->hash;
	state->key.netns = origin->netns;
	for (__u32 i = 0; i < ANSWERS_MAX; i++) {
		if (i >= state->found)
			break;
		new |= note_address(i, covered);
	}
	if (new && subject->flags & SLUICE_POD_NAMES)
		tell_uncovered(subject, origin);
	return SLUICE_READ;
}

/* A datagram of a resolver.
 * - Returns: what became of it. */
static __noinline int read_answer(struct __sk_buff *skb, const struct packet *packet,
				  const struct subject *subject)
{
	struct reading_state *state = reading_here();
	struct origin origin = { .kind = SLUICE_ANSWER_UNCOVERED };
	struct sluice_query_key key = {};
	struct dns_question question;
	struct sluice_query *query;
	struct dns_header header;
	__u32 offset, start, count;
	__u64 hash, asked_ns;
	int outcome;

	if (!packet || !subject || !state)
		return SLUICE_READ_BROKEN;
	start = (__u32)packet->transport + UDP_HEADER;
	if (bpf_skb_load_bytes(skb, start, &header, sizeof(header)) ||
	    !(header.flags & DNS_RESPONSE) || header.flags & DNS_OPCODE ||
	    header.questions != bpf_htons(1))
		return SLUICE_READ_BROKEN;
	offset = read_name(skb, start + sizeof(header));
	if (!offset || bpf_skb_load_bytes(skb, offset, &question, sizeof(question)) ||
	    question.class != bpf_htons(DNS_IN))
		return SLUICE_READ_BROKEN;
	offset += sizeof(question);
	key.socket = bpf_get_socket_cookie(skb);
	key.id = header.id;
	query = bpf_map_lookup_elem(&queries, &key);
	if (!query)
		return SLUICE_READ_UNASKED;
	hash = query->question;
	asked_ns = query->asked_ns;
	origin.netns = query->netns;
	origin.socket = key.socket;
	origin.resolver = packet->source;
	if (hash != hash_question(skb, start + sizeof(header)) ||
	    bpf_ktime_get_ns() - asked_ns > QUERY_WINDOW_NS)
		return SLUICE_READ_UNASKED;
	bpf_map_delete_elem(&queries, &key);
	outcome = header.flags & DNS_TRUNCATED ? SLUICE_READ_TRUNCATED : SLUICE_READ;
	count = bpf_ntohs(header.answers);
	if (header.code & DNS_RCODE ||
	    (question.type != bpf_htons(DNS_A) && question.type != bpf_htons(DNS_AAAA)))
		return outcome;
	/* Most who are told of more ask again by TCP; some, as musl before 1.2.4, take what
	 * there is. */
	if (count > ANSWERS_MAX && outcome == SLUICE_READ_TRUNCATED)
		return outcome;
	if (count > ANSWERS_MAX) {
		origin.kind = SLUICE_ANSWER_DATAGRAM;
		return copy_piece(skb, subject, &origin, start) ? SLUICE_READ_COPIED : SLUICE_READ_LOST;
	}
	if (read_answers(skb, offset, count, subject, &origin) == SLUICE_READ_BROKEN)
		return SLUICE_READ_BROKEN;
	return outcome;
}

static __always_inline int is_answer(const struct packet *packet)
{
	return packet->protocol == IPPROTO_UDP && !packet->portless &&
	       packet->source_port == bpf_htons(DNS_PORT);
}

/* Bytes of a connection that the pod opened to a resolver: the agent reads those. */
static __noinline int copy_segment(struct __sk_buff *skb)
{
	struct origin origin = { .kind = SLUICE_ANSWER_SEGMENT };
	struct sluice_config *cfg = read_config();
	struct sluice_verdict *v;
	struct packet packet = {};
	struct subject subject = {};
	struct bpf_sock *sk = skb->sk;
	struct bpf_tcp_sock *tcp;
	struct tcphdr header;
	__u32 offset, size, zero;

	if (!cfg || !sk || read_packet(skb, &packet) || stays_inside(skb) || !is_trusted(&packet.source))
		return 0;
	if (bpf_skb_load_bytes(skb, packet.transport, &header, sizeof(header)))
		return 0;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return 0;
	v = bpf_sk_storage_get(&verdicts, sk, 0, 0);
	tcp = bpf_tcp_sock(sk);
	if (!v || !v->generation || v->direction != SLUICE_OUTBOUND || !v->caller.netns || !tcp)
		return 0;
	origin.sequence = bpf_ntohl(header.seq);
	if (origin.sequence - tcp->rcv_nxt >= WINDOW_BYTES)
		return 0;
	find_subject(skb, cfg, &packet.source, &subject);
	if (!subject.known)
		return 0;
	origin.netns = v->caller.netns;
	origin.socket = bpf_get_socket_cookie(skb);
	origin.resolver = packet.source;
	zero = unknown_zero(skb);
	offset = packet.transport + header.doff * 4 + zero;
	for (__u32 i = 0; i < PIECES_MAX; i++) {
		size = copy_piece(skb, &subject, &origin, offset) + zero;
		if (!size)
			break;
		origin.sequence += size;
		offset += size;
	}
	return 0;
}

#endif
