/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The pod to whose cgroup a packet's socket or the calling process belongs. */
#ifndef SLUICE_CGROUP_H
#define SLUICE_CGROUP_H

#include "maps_pods.h"

/* Without a frame of its own, as programs of several types call it. `skb` is a constant in each: what is for the
 * other kind of program is left out.
 * - Parameter skb: whose socket; 0 for the calling process.
 * - Parameter id: becomes the pod's cgroup id.
 * - Returns: 0 where the pod is not known. */
static __always_inline struct sluice_pod *find_pod(struct __sk_buff *skb, const struct sluice_config *cfg,
						   __u64 *id)
{
	for (__u32 i = 0; i < SLUICE_MAX_LEVELS; i++) {
		struct sluice_pod *pod;

		if (i >= cfg->level_count)
			break;
		*id = skb ? bpf_skb_ancestor_cgroup_id(skb, cfg->levels[i]) :
			    bpf_get_current_ancestor_cgroup_id(cfg->levels[i]);
		if (!*id)
			continue;
		pod = bpf_map_lookup_elem(&sluice_pods, id);
		if (pod)
			return pod;
	}
	return 0;
}

#endif
