/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Evidence: a datagram of the agent's own that must be refused, whatever policy says. */
#ifndef SLUICE_CANARY_H
#define SLUICE_CANARY_H

#include "maps.h"

/* Whether the packet is a canary. Notes where it was sent. No other socket has the
 * cookie, so that nobody else's packet is refused or taken for one. */
__noinline int count_canary(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct sluice_canary *noted = bpf_map_lookup_elem(&sluice_canary, &zero);
	__u64 cookie = bpf_get_socket_cookie(skb);

	if (!noted || !cookie || noted->asked != cookie)
		return 0;
	for (int i = 0; i < SLUICE_CANARY_LEVELS; i++)
		noted->ancestors[i] = bpf_skb_ancestor_cgroup_id(skb, i);
	noted->answered = cookie;
	return 1;
}

#endif
