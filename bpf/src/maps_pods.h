/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The maps that every program about pods reads, in whichever object; the others take the pins over. */
#ifndef SLUICE_MAPS_PODS_H
#define SLUICE_MAPS_PODS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "../include/sluice.h"

/* Agent: one entry, key 0. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sluice_config);
} sluice_config SEC(".maps");

/* Agent: cgroup id -> pod. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SLUICE_MAX_PODS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct sluice_pod);
} sluice_pods SEC(".maps");

#endif
