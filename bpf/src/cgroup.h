/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The pod in whose cgroup the calling process is. */
#ifndef SLUICE_CGROUP_H
#define SLUICE_CGROUP_H

#include "maps_pods.h"

/* - Returns: 0 where the pod is not known. Without a frame of its own, as programs of several types call it.
 * - Parameter id: becomes the pod's cgroup id. */
static __always_inline struct sluice_pod *pod_of_current(const struct sluice_config *cfg, __u64 *id)
{
	for (__u32 i = 0; i < SLUICE_MAX_LEVELS; i++) {
		struct sluice_pod *pod;

		if (i >= cfg->level_count)
			break;
		*id = bpf_get_current_ancestor_cgroup_id(cfg->levels[i]);
		if (!*id)
			continue;
		pod = bpf_map_lookup_elem(&sluice_pods, id);
		if (pod)
			return pod;
	}
	return 0;
}

#endif
