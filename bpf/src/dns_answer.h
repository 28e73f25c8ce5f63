/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Answers of resolvers: read before the pod's own resolver sees them, so that the
 * first connection to what it says meets its permission. */
#ifndef SLUICE_DNS_ANSWER_H
#define SLUICE_DNS_ANSWER_H

#include "egress.h"
#include "dns_parse.h"

/* How long a resolver may take. */
#define QUERY_WINDOW_NS (30 * SECOND_NS)
/* Pieces of SLUICE_ANSWER_DATA in the largest packet. */
#define PIECES_MAX 17

static __always_inline void count_reading(__u32 what)
{
	__u64 *counter = bpf_map_lookup_elem(&sluice_dns_stats, &what);

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

/* Puts a new entry in the place of the pod's oldest, so that no pod holds more than its
 * share; where the whole map is full it is not noted.
 * - Parameter map: `sluice_dns_allowed` or `sluice_dns_seen`, with its ring. */
static __always_inline void put(void *map, void *ring, const struct sluice_cell *cell,
				const struct reading_state *state)
{
	struct sluice_learned_key *held = bpf_map_lookup_elem(ring, cell);

	if (held) {
		bpf_map_delete_elem(map, held);
		__builtin_memcpy(held, &state->key, sizeof(*held));
	} else if (bpf_map_update_elem(ring, cell, &state->key, BPF_ANY)) {
		return;
	}
	bpf_map_update_elem(map, &state->key, &state->entry, BPF_ANY);
}

static __always_inline void put_learned(struct reading_state *state)
{
	struct sluice_share *share = bpf_map_lookup_elem(&sluice_pod_shares, &state->origin.slot);
	struct sluice_cell cell = { .slot = state->origin.slot };

	if (!share)
		return;
	cell.index = claim_cell(share, &share->learned_head) % SLUICE_LEARNED_SHARE;
	put(&sluice_dns_allowed, &sluice_ring_allowed, &cell, state);
}

static __always_inline void put_heard(struct reading_state *state)
{
	struct sluice_share *share = bpf_map_lookup_elem(&sluice_pod_shares, &state->origin.slot);
	struct sluice_cell cell = { .slot = state->origin.slot };

	if (!share)
		return;
	cell.index = claim_cell(share, &share->heard_head) % SLUICE_HEARD_SHARE;
	put(&sluice_dns_seen, &sluice_ring_seen, &cell, state);
}

/* Notes a name that a rule covers, beside others of the same address.
 * - Returns: 0, or -1 if it took the place of another name. */
static __always_inline int learn(struct reading_state *state)
{
	__u64 soonest = ~0ULL, last;
	__u32 place = 0;
	int crowded;

	for (__u32 i = 0; i < SLUICE_NAMES_PER_ADDRESS; i++) {
		struct sluice_learned *known;

		state->key.index = i;
		known = bpf_map_lookup_elem(&sluice_dns_allowed, &state->key);
		if (known && known->hash == state->entry.hash) {
			if (known->expires_ns < state->entry.expires_ns)
				known->expires_ns = state->entry.expires_ns;
			known->heard_ns = state->entry.heard_ns;
			return 0;
		}
		/* A free place is one that has ended long ago, and was not used since. */
		last = !known ? 0 : known->used_ns > known->expires_ns ? known->used_ns : known->expires_ns;
		if (last < soonest) {
			soonest = last;
			place = i;
		}
	}
	crowded = soonest > state->entry.heard_ns;
	state->key.index = place;
	if (!bpf_map_lookup_elem(&sluice_dns_allowed, &state->key))
		put_learned(state);
	else
		bpf_map_update_elem(&sluice_dns_allowed, &state->key, &state->entry, BPF_EXIST);
	return crowded ? -1 : 0;
}

/* - Returns: whether the name was not known there. */
static __always_inline int hear(struct reading_state *state)
{
	struct sluice_learned *known;

	state->key.index = 0;
	known = bpf_map_lookup_elem(&sluice_dns_seen, &state->key);
	if (known && known->hash == state->entry.hash) {
		known->expires_ns = state->entry.expires_ns;
		known->heard_ns = state->entry.heard_ns;
		return 0;
	}
	if (known)
		bpf_map_update_elem(&sluice_dns_seen, &state->key, &state->entry, BPF_EXIST);
	else
		put_heard(state);
	return 1;
}

/* Notes one of the addresses that were found.
 * - Returns: 1 if a name is new that no rule covers. */
__noinline int record_address(__u32 index, __u32 covered)
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

/* Forgets those names behind the question's that no rule covers.
 * - Returns: how many stay. */
__noinline int choose_aliases(__u64 policy_set)
{
	struct reading_state *state = reading_here();
	int chosen = 0;

	if (!state)
		return 0;
	for (__u32 i = 0; i < ALIASES_MAX; i++) {
		struct answer_alias *alias = &state->alias[i];

		if (i >= state->aliases)
			break;
		if (alias->name.prefixlen && is_covered(policy_set, class_of_name(&alias->name)))
			chosen++;
		else
			alias->name.prefixlen = 0;
	}
	return chosen;
}

/* Notes the addresses that were found for those names that stayed. */
__noinline int record_aliases(void)
{
	struct reading_state *state = reading_here();

	if (!state)
		return 0;
	for (__u32 i = 0; i < ALIASES_MAX; i++) {
		if (i >= state->aliases)
			break;
		if (!state->alias[i].name.prefixlen)
			continue;
		state->entry.hash = state->alias[i].hash;
		__builtin_memcpy(&state->entry.name, &state->alias[i].name, sizeof(state->entry.name));
		for (__u32 k = 0; k < ANSWERS_MAX; k++) {
			if (k >= state->found)
				break;
			if (i < state->addresses[k].aliases)
				record_address(k, 1);
		}
	}
	return 0;
}

/* Whether the pod may have so many bytes more of `sluice_dns_events` in the current second. */
static __always_inline int within_answer_share(__u32 slot, __u32 bytes, __u64 now)
{
	struct sluice_share *share = bpf_map_lookup_elem(&sluice_pod_shares, &slot);
	int within;

	if (!share)
		return 0;
	bpf_spin_lock(&share->lock);
	if (now - share->answers_since_ns >= SECOND_NS) {
		share->answers_since_ns = now;
		share->answers_used = 0;
	}
	share->answers_used += bytes;
	within = share->answers_used <= SLUICE_ANSWER_SHARE;
	bpf_spin_unlock(&share->lock);
	return within;
}

/* Makes an entry for the agent, or gives 0 if its buffer is full or the pod has had its
 * share of it.
 * - Parameter size: of the entry, constant. */
static __always_inline struct sluice_answer *new_entry(const struct origin *origin, __u32 kind, __u32 size)
{
	__u64 now = bpf_ktime_get_ns();
	struct sluice_answer *entry = 0;

	if (within_answer_share(origin->slot, size, now))
		entry = bpf_ringbuf_reserve(&sluice_dns_events, size, 0);
	if (!entry) {
		count_reading(SLUICE_READ_LOST);
		return 0;
	}
	entry->time_ns = now;
	entry->pod = origin->pod;
	entry->policy_set = origin->policy_set;
	entry->netns = origin->netns;
	entry->socket = origin->socket;
	entry->kind = kind;
	entry->message = origin->message;
	entry->total = origin->total;
	entry->offset = 0;
	entry->length = 0;
	entry->slot = origin->slot;
	__builtin_memcpy(entry->resolver, &origin->resolver, sizeof(entry->resolver));
	return entry;
}

/* Gives the agent bytes of the message under way.
 * - Parameter offset: of the first one in the packet.
 * - Parameter size: how many there are.
 * - Parameter at: where they stand in the message.
 * - Returns: how many it was given; 0 if none. */
__noinline int copy_piece(struct __sk_buff *skb, __u32 offset, __u32 size, __u32 at)
{
	struct reading_state *state = reading_here();
	struct sluice_answer *piece;

	if (!state || !size)
		return 0;
	if (size > SLUICE_ANSWER_DATA)
		size = SLUICE_ANSWER_DATA;
	piece = new_entry(&state->origin, SLUICE_ANSWER_PIECE, sizeof(*piece));
	if (!piece)
		return 0;
	if (bpf_skb_load_bytes(skb, offset, piece->data, bounded(size, SLUICE_ANSWER_DATA))) {
		bpf_ringbuf_discard(piece, 0);
		return 0;
	}
	piece->offset = at;
	piece->length = size;
	bpf_ringbuf_submit(piece, 0);
	return size;
}

/* The same for any size.
 * - Returns: whether it was given all. */
__noinline int copy_message(struct __sk_buff *skb, __u32 offset, __u32 size, __u32 at)
{
	for (__u32 i = 0; i < PIECES_MAX; i++) {
		__u32 copied;

		if (!size)
			return 1;
		copied = copy_piece(skb, offset, size, at);
		if (!copied || copied > size)
			return 0;
		offset += copied;
		size -= copied;
		at += copied;
	}
	return !size;
}

/* Tells the agent of a name that the pod's rules do not cover. */
static __always_inline void report_uncovered(struct reading_state *state)
{
	struct sluice_answer *entry = new_entry(&state->origin, SLUICE_ANSWER_UNCOVERED,
						__builtin_offsetof(struct sluice_answer, data) +
							SLUICE_NAME_BYTES);

	if (!entry)
		return;
	__builtin_memcpy(entry->data, state->entry.name.name, SLUICE_NAME_BYTES);
	entry->length = SLUICE_NAME_BYTES;
	bpf_ringbuf_submit(entry, 0);
}

/* Reads the answers of a message, from behind the question on, and notes all of them or
 * none.
 * - Returns: what became of it. */
__noinline int read_answers(struct __sk_buff *skb, __u32 offset, __u32 count)
{
	struct reading_state *state = reading_here();
	__u64 name_class;
	__u32 covered, new = 0, chosen;

	if (!state)
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
	covered = is_covered(state->origin.policy_set, name_class);
	state->entry.heard_ns = bpf_ktime_get_ns();
	state->entry.pod = state->origin.pod;
	state->entry.hash = state->hash;
	state->key.netns = state->origin.netns;
	for (__u32 i = 0; i < ANSWERS_MAX; i++) {
		if (i >= state->found)
			break;
		new |= record_address(i, covered);
	}
	chosen = choose_aliases(state->origin.policy_set);
	if (new && !chosen && state->origin.flags &SLUICE_POD_NAMES)
		report_uncovered(state);
	if (chosen)
		record_aliases();
	return SLUICE_READ;
}

/* Reads a resolver's message, by UDP or TCP, which ends at the limit.
 * - Parameter start: of its header.
 * - Returns: what became of it; SLUICE_READ_COPIED if the agent has to read it. */
__noinline int read_message(struct __sk_buff *skb, __u32 start)
{
	struct reading_state *state = reading_here();
	struct sluice_query_key key = {};
	struct dns_question question;
	struct sluice_query *query;
	struct dns_header header;
	__u64 hash, asked_ns;
	__u32 offset, count;
	int outcome;

	if (!state || start + sizeof(header) > state->limit ||
	    bpf_skb_load_bytes(skb, start, &header, sizeof(header)) || !(header.flags & DNS_RESPONSE) ||
	    header.flags & DNS_OPCODE || header.questions != bpf_htons(1))
		return SLUICE_READ_BROKEN;
	offset = read_name(skb, start + sizeof(header));
	if (!offset || bpf_skb_load_bytes(skb, offset, &question, sizeof(question)) ||
	    question.class != bpf_htons(DNS_IN))
		return SLUICE_READ_BROKEN;
	offset += sizeof(question);
	if (offset > state->limit)
		return SLUICE_READ_BROKEN;
	key.socket = state->origin.socket;
	key.id = header.id;
	query = bpf_map_lookup_elem(&sluice_dns_queries, &key);
	if (!query)
		return SLUICE_READ_UNASKED;
	hash = query->question;
	asked_ns = query->asked_ns;
	state->origin.netns = query->netns;
	if (hash != hash_question(skb, start + sizeof(header)) ||
	    bpf_ktime_get_ns() - asked_ns > QUERY_WINDOW_NS)
		return SLUICE_READ_UNASKED;
	outcome = header.flags & DNS_TRUNCATED ? SLUICE_READ_TRUNCATED : SLUICE_READ;
	count = bpf_ntohs(header.answers);
	if (header.code & DNS_RCODE ||
	    (question.type != bpf_htons(DNS_A) && question.type != bpf_htons(DNS_AAAA)))
		count = 0;
	/* Most who are told of more ask again by TCP; some, as musl before 1.2.4, take what
	 * there is. */
	if (count > ANSWERS_MAX && outcome == SLUICE_READ_TRUNCATED)
		count = 0;
	/* The agent compares it with the query itself. */
	if (count > ANSWERS_MAX)
		return SLUICE_READ_COPIED;
	bpf_map_delete_elem(&sluice_dns_queries, &key);
	if (count && read_answers(skb, offset, count) == SLUICE_READ_BROKEN)
		return SLUICE_READ_BROKEN;
	return outcome;
}

static __always_inline void fill_origin(struct origin *origin, const struct subject *subject,
					const struct address *resolver, __u64 netns, __u64 socket)
{
	origin->pod = subject->id;
	origin->policy_set = subject->policy_set;
	origin->flags = subject->flags;
	origin->slot = subject->slot;
	origin->resolver = *resolver;
	origin->netns = netns;
	origin->socket = socket;
}

/* What a datagram says to its pod, if it is a resolver's.
 * - Parameter start: where its message begins.
 * - Returns: what became of it. */
static __always_inline int read_answer(struct __sk_buff *skb, struct reading_state *state, __u32 start)
{
	int outcome;

	if (start >= skb->len)
		return SLUICE_READ_BROKEN;
	state->limit = skb->len;
	outcome = read_message(skb, start);
	if (outcome != SLUICE_READ_COPIED)
		return outcome;
	state->origin.message = bpf_get_prandom_u32();
	state->origin.total = skb->len - start;
	return copy_message(skb, start, skb->len - start, 0) ? SLUICE_READ_COPIED : SLUICE_READ_LOST;
}

/* Reads a datagram from port 53. A function of its own, next to the program: those that read messages need
 * nearly all of the stack. */
static __noinline int read_datagram(struct __sk_buff *skb)
{
	struct reading_state *state = reading_here();
	struct sluice_config *cfg = read_config();
	struct packet packet = {};
	struct subject subject = {};

	if (!cfg || !state || comes_from_inside(skb) || read_packet(skb, &packet) ||
	    packet.protocol != IPPROTO_UDP || packet.l4_unknown ||
	    packet.source_port != bpf_htons(DNS_PORT) || !is_trusted(&packet.source))
		return 0;
	find_subject(skb, cfg, &packet.source, 0, &subject);
	if (!subject.known || subject.own)
		return 0;
	fill_origin(&state->origin, &subject, &packet.source, 0, bpf_get_socket_cookie(skb));
	count_reading(read_answer(skb, state, (__u32)packet.transport + UDP_HEADER));
	return 0;
}

#endif
