/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Reads a packet as the answer to a question that its socket asked just before. */
#include "../../../bpf/src/dns_answer.h"

struct result {
	__u32 outcome; /* enum sluice_reading */
	__u32 found;   /* addresses */
	__u32 aliases;
	__u32 zero;
	__u64 aliased; /* of each address, how many aliases it has: a sum in which places count */
	__u64 hashes;  /* of the aliases with a name, likewise */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct result);
} results SEC(".maps");

/* The network namespace in which it is noted. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} place SEC(".maps");

SEC("cgroup_skb/ingress")
int read_one(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct packet packet = {};
	struct subject subject = { .id = 1, .policy_set = 1, .known = 1 };
	struct sluice_query_key key = { .socket = bpf_get_socket_cookie(skb) };
	struct sluice_query query = { .asked_ns = bpf_ktime_get_ns() };
	struct result *result = bpf_map_lookup_elem(&results, &zero);
	__u64 *netns = bpf_map_lookup_elem(&place, &zero);
	struct reading_state *state = reading_here();

	if (!result || !netns || !state)
		return 0;
	state->found = 0;
	state->aliases = 0;
	if (read_packet(skb, &packet))
		return 0;
	/* What has no number is no answer, as will be found. */
	bpf_skb_load_bytes(skb, packet.transport + UDP_HEADER, &key.id, sizeof(key.id));
	query.netns = *netns;
	query.question = hash_question(skb, packet.transport + UDP_HEADER + sizeof(struct dns_header));
	bpf_map_update_elem(&sluice_dns_queries, &key, &query, BPF_ANY);
	fill_origin(&state->origin, &subject, &packet.source, 0, key.socket);
	result->outcome = read_answer(skb, state, (__u32)packet.transport + UDP_HEADER);
	/* What was not answered would fill the map. */
	bpf_map_delete_elem(&sluice_dns_queries, &key);
	result->found = state->found;
	result->aliases = state->aliases;
	result->aliased = 0;
	result->hashes = 0;
	for (__u32 i = 0; i < ANSWERS_MAX; i++) {
		if (i < state->found)
			result->aliased = result->aliased * 31 + state->addresses[i].aliases;
	}
	for (__u32 i = 0; i < ALIASES_MAX; i++) {
		if (i < state->aliases)
			result->hashes = result->hashes * 31 + (state->alias[i].name.name[0] ? state->alias[i].hash : 0);
	}
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
