/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Names in use count for longer than their answers say. */
#ifndef SLUICE_DNS_RENEWAL_H
#define SLUICE_DNS_RENEWAL_H

#include "maps_names.h"

/* Has the names of a flow's destination that are in use count from now on: a flow that they let
 * pass is still open. Names that let nothing pass have an entry that was never used. */
static __noinline int renew_names(const struct sluice_verdict *v)
{
	struct sluice_learned_key key = {};

	if (!v)
		return 0;
	key.netns = v->caller.netns;
	__builtin_memcpy(key.address, v->address, sizeof(key.address));
	for (__u32 i = 0; i <= SLUICE_NAMES_PER_ADDRESS; i++) {
		struct sluice_learned *entry;

		key.index = i < SLUICE_NAMES_PER_ADDRESS ? i : 0;
		entry = i < SLUICE_NAMES_PER_ADDRESS ? bpf_map_lookup_elem(&sluice_dns_allowed, &key) :
						       bpf_map_lookup_elem(&sluice_dns_seen, &key);
		if (entry && entry->used_ns)
			entry->used_ns = bpf_ktime_get_ns();
	}
	return 0;
}

#endif
