/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Reads a DNS answer (RFC 1035, section 4).
 *
 * The readers of names and records are functions that the verifier looks at on their
 * own; before Linux 5.12 such functions take numbers only, so what they find stands
 * in memory that each CPU has for itself. Answers come in by softirq, one at a time
 * on a CPU. */
#ifndef SLUICE_DNS_PARSE_H
#define SLUICE_DNS_PARSE_H

#include "dns_query.h"

#define ANSWERS_MAX 256
#define LABELS_MAX 128
#define POINTER 0xc0
#define LOOK_UP_BITS (SLUICE_NAME_BYTES * 8)
/* Names behind the question's that are noted too: those that CNAMEs led to first. */
#define ALIASES_MAX 8
/* Bytes and pointers of a compressed name (section 4.1.4) that are followed. */
#define NAME_STEPS 272

/* What follows a record's name. */
struct dns_record {
	__be16 type;
	__be16 class;
	__u8 ttl[4]; /* big-endian, and not aligned */
	__be16 length;
};

struct answer_address {
	struct address address;
	__u32 ttl;     /* seconds */
	__u32 aliases; /* how many of the names behind the question's it is an address of */
};

/* A name that a CNAME leads to. */
struct answer_alias {
	__u64 hash;
	struct sluice_name_key name; /* prefixlen is 0 if it is no name of letters, digits and hyphens */
};

/* Whose answer is being read, and where it comes from. */
struct origin {
	__u64 pod;
	__u64 policy_set;
	__u64 netns;
	__u64 socket; /* cookie */
	__u32 slot;
	__u32 flags; /* SLUICE_POD_* */
	struct address resolver;
	/* For the agent, see struct sluice_answer. */
	__u32 message;
	__u32 total;
};

/* What is being read. */
struct reading_state {
	struct origin origin;
	__u64 hash;    /* of the question's name */
	__u32 limit;   /* where the message ends in the packet */
	__u32 found;   /* addresses */
	__u32 message; /* where its header begins */
	/* Where the chain of CNAMEs has come to: the name's hash, 0 for none that an owner can
	 * be, and a place where it stands. */
	__u64 chain;
	__u32 chain_offset;
	__u32 aliases;
	volatile __u32 end; /* of the question's name in `wire` */
	struct answer_address addresses[ANSWERS_MAX];
	struct answer_alias alias[ALIASES_MAX];
	/* To be noted for each address. */
	struct sluice_learned entry;
	struct sluice_learned_key key;
	__u8 wire[SLUICE_NAME_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct reading_state);
} sluice_scratch SEC(".maps");

static __always_inline struct reading_state *reading_here(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&sluice_scratch, &key);
}

/* Letters, digits, hyphen and underscore: a dot within a label would look like the
 * end of one. */
#define NAME_LETTERS 0x07fffffe87fffffeULL /* A to Z, _, a to z */
#define NAME_DIGITS 0x03ff200000000000ULL  /* - and 0 to 9, from character 0 on */
static __always_inline int is_name_byte(__u8 byte)
{
	__u64 set = byte & 0x40 ? NAME_LETTERS : NAME_DIGITS;

	return byte < 128 && set >> (byte & 63) & 1;
}

/* The same as a number, without a branch; see in_set. */
static __always_inline __u32 name_bit(__u8 byte)
{
	__u64 letter = byte >> 6 & 1;

	return ((NAME_LETTERS >> (byte & 63) & letter) | (NAME_DIGITS >> (byte & 63) & (letter ^ 1))) &
	       ~(byte >> 7) & 1;
}

/* Reads the question's name, which is not compressed, into `entry.name`; a chain of CNAMEs
 * begins with it.
 * - Returns: where it ends, or 0 if it is no name of letters, digits and hyphens. */
__noinline int read_name(struct __sk_buff *skb, __u32 offset)
{
	struct reading_state *state = reading_here();
	__u64 hash = HASH_START;
	__u32 size, end;

	if (!state || offset >= state->limit)
		return 0;
	size = state->limit - offset;
	if (size > SLUICE_NAME_BYTES)
		size = SLUICE_NAME_BYTES;
	if (bpf_skb_load_bytes(skb, offset, state->wire, bounded(size, SLUICE_NAME_BYTES)))
		return 0;
	/* Where the label ends; volatile, as the verifier would follow each value. */
	state->end = 0;
	for (__u32 i = 0; i <= DNS_NAME_MAX; i++) {
		__u8 byte = state->wire[i];

		if (i >= size)
			return 0;
		if (i != state->end) {
			if (!is_name_byte(byte))
				return 0;
			byte = lower_case(byte);
			state->wire[i] = byte;
		} else {
			if (!byte)
				break;
			if (byte > DNS_LABEL_MAX)
				return 0;
			state->end = i + byte + 1;
			state->wire[i] = '.';
		}
		hash = hash_step(hash, byte);
	}
	end = state->end;
	if (end < 2 || end > DNS_NAME_MAX || state->wire[end & 0xff])
		return 0;
	state->hash = hash;
	state->message = offset - sizeof(struct dns_header);
	state->chain = hash;
	state->chain_offset = offset;
	state->aliases = 0;
	__builtin_memset(&state->entry.name, 0, sizeof(state->entry.name));
	state->entry.name.prefixlen = LOOK_UP_BITS;
	/* Backwards, without the dot that stands for the first length. */
	for (__u32 i = 0; i < DNS_NAME_MAX; i++) {
		if (i + 1 >= end)
			break;
		state->entry.name.name[i] = state->wire[(end - 1 - i) & 0xff];
	}
	return offset + end + 1;
}

/* - Returns: where a record's name ends, or 0 if it is none. */
__noinline int skip_name(struct __sk_buff *skb, __u32 offset)
{
	for (__u32 i = 0; i < LABELS_MAX; i++) {
		__u8 byte;

		if (bpf_skb_load_bytes(skb, offset, &byte, 1))
			return 0;
		if (!byte)
			return offset + 1;
		if (byte >= POINTER)
			return offset + 2;
		if (byte > DNS_LABEL_MAX)
			return 0;
		offset += 1 + byte;
	}
	return 0;
}

/* Older verifiers lose the bounds of what the compiler masks in half a register. */
static __always_inline void put_character(struct reading_state *state, __u64 at, __u8 character)
{
	asm volatile("" : "+r"(at));
	state->wire[at & (SLUICE_NAME_BYTES - 1)] = character;
}

/* Reads a name that may be compressed into `wire`, in lower case and with dots for lengths, and
 * its length into `end`, which is 0 for one that has other bytes than names of hosts.
 * - Returns: a hash of it, as read_name's; or 0 if it is none. */
__noinline __u64 read_compressed(struct __sk_buff *skb, __u32 offset)
{
	struct reading_state *state = reading_here();
	__u32 zero = opaque_zero(skb), left = zero, end = zero, strange = zero;
	__u64 hash = HASH_START;

	if (!state)
		return 0;
	state->end = 0;
	for (__u32 i = 0; i < NAME_STEPS; i++) {
		__u8 byte, low, text;

		if (bpf_skb_load_bytes(skb, offset, &byte, 1))
			return 0;
		offset++;
		if (left) {
			left += zero - 1;
			strange |= (name_bit(byte) ^ 1) + zero;
			byte = lower_case(byte);
			text = byte;
		} else if (!byte) {
			if (!end)
				return 0;
			if (!strange)
				state->end = end;
			return hash;
		} else if (byte >= POINTER) {
			if (bpf_skb_load_bytes(skb, offset, &low, 1))
				return 0;
			offset = state->message + ((byte & ~POINTER) << 8) + low + zero;
			continue;
		} else {
			if (byte > DNS_LABEL_MAX)
				return 0;
			left = byte + zero;
			text = '.';
		}
		if (end >= DNS_NAME_MAX)
			return 0;
		put_character(state, end, text);
		end += zero + 1;
		hash = hash_step(hash, byte);
	}
	return 0;
}

/* Notes the name in `wire` as one that the chain leads to.
 * - Parameter hash: the name's. */
__noinline int keep_alias(__u64 hash)
{
	struct reading_state *state = reading_here();
	struct answer_alias *alias;
	__u32 end;

	if (!state || state->aliases >= ALIASES_MAX)
		return 0;
	alias = &state->alias[state->aliases & (ALIASES_MAX - 1)];
	state->aliases++;
	end = state->end;
	alias->hash = hash;
	__builtin_memset(&alias->name, 0, sizeof(alias->name));
	if (end < 2 || end > DNS_NAME_MAX)
		return 0;
	alias->name.prefixlen = LOOK_UP_BITS;
	for (__u32 i = 0; i < DNS_NAME_MAX; i++) {
		if (i + 1 >= end)
			break;
		alias->name.name[i] = state->wire[(end - 1 - i) & 0xff];
	}
	return 0;
}

/* Whether a record's owner is the name that the chain has come to. Most owners are pointers to
 * where that stands. */
__noinline int is_chained(struct __sk_buff *skb, __u32 offset)
{
	struct reading_state *state = reading_here();
	__u8 pointer[2];

	if (!state || !state->chain)
		return 0;
	if (!bpf_skb_load_bytes(skb, offset, pointer, sizeof(pointer)) && pointer[0] >= POINTER &&
	    state->message + (pointer[0] & ~POINTER) * 256 + pointer[1] == state->chain_offset)
		return 1;
	return read_compressed(skb, offset) == state->chain;
}

/* Follows a CNAME.
 * - Parameter offset: of the name that it leads to. */
__noinline int follow(struct __sk_buff *skb, __u32 offset)
{
	struct reading_state *state = reading_here();
	__u64 hash = read_compressed(skb, offset);

	if (!state)
		return 0;
	state->chain = hash;
	state->chain_offset = offset;
	return hash ? keep_alias(hash) : 0;
}

/* Reads a record; an address goes to `sluice_addresses`, which has room for as many as
 * there are records.
 * - Returns: where it ends, or 0 if it is cut short. */
__noinline int read_record(struct __sk_buff *skb, __u32 offset)
{
	struct reading_state *state = reading_here();
	struct answer_address *next;
	struct dns_record record;
	__u32 length, owner = offset;
	__be32 ipv4;

	if (!state || !offset)
		return 0;
	offset = skip_name(skb, offset);
	if (!offset || bpf_skb_load_bytes(skb, offset, &record, sizeof(record)))
		return 0;
	offset += sizeof(record);
	length = bpf_ntohs(record.length);
	if (offset + length > state->limit)
		return 0;
	next = &state->addresses[state->found & (ANSWERS_MAX - 1)];
	if (record.class != bpf_htons(DNS_IN))
		return offset + length;
	if (record.type == bpf_htons(DNS_A) && length == sizeof(ipv4)) {
		if (bpf_skb_load_bytes(skb, offset, &ipv4, sizeof(ipv4)))
			return 0;
		map_ipv4(&next->address, ipv4);
	} else if (record.type == bpf_htons(DNS_AAAA) && length == sizeof(next->address)) {
		if (bpf_skb_load_bytes(skb, offset, &next->address, sizeof(next->address)))
			return 0;
	} else {
		if (record.type == bpf_htons(DNS_CNAME) && is_chained(skb, owner))
			follow(skb, offset);
		return offset + length;
	}
	/* What has another owner is an address of the question's name alone. */
	next->aliases = state->aliases && is_chained(skb, owner) ? state->aliases : 0;
	/* RFC 2181, section 8: with its first bit set it is zero. */
	next->ttl = record.ttl[0] & 0x80 ? 0 :
					   (__u32)record.ttl[0] << 24 | record.ttl[1] << 16 |
						   record.ttl[2] << 8 | record.ttl[3];
	state->found++;
	return offset + length;
}

#endif
