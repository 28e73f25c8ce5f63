/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Has names count for as long as a flow that they let pass is open, whether it sends anything or
 * not. An object of its own, as it asks for what some kernels lack: BTF (CONFIG_DEBUG_INFO_BTF). */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "../include/sluice.h"

/* Three maps of sluice.bpf.o, taken over from their pins. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct sluice_verdict);
} verdicts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SLUICE_MAX_LEARNED);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_learned_key);
	__type(value, struct sluice_learned);
} learned SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SLUICE_MAX_HEARD);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_learned_key);
	__type(value, struct sluice_learned);
} heard SEC(".maps");

/* struct bpf_iter__bpf_sk_storage_map: meta, map, sk, value. */
#define CONTEXT_VALUE 3

/* Asked of every socket on the machine that remembers a verdict. What else than a name lets
 * pass has no entry that was used. */
SEC("iter/bpf_sk_storage_map")
int sluice_open_flows(__u64 *context)
{
	struct sluice_verdict *v = (void *)context[CONTEXT_VALUE];
	struct sluice_learned_key key = {};

	if (!v || !v->named || v->verdict != SLUICE_VERDICT_ALLOWED)
		return 0;
	key.netns = v->caller.netns;
	__builtin_memcpy(key.address, v->address, sizeof(key.address));
	for (__u32 i = 0; i <= SLUICE_NAMES_PER_ADDRESS; i++) {
		struct sluice_learned *entry;

		key.index = i < SLUICE_NAMES_PER_ADDRESS ? i : 0;
		entry = i < SLUICE_NAMES_PER_ADDRESS ? bpf_map_lookup_elem(&learned, &key) :
						       bpf_map_lookup_elem(&heard, &key);
		if (entry && entry->used_ns)
			entry->used_ns = bpf_ktime_get_ns();
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
