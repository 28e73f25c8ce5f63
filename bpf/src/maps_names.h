/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The maps of flows and of the names that let them pass; flows.bpf.o takes the pins over. */
#ifndef SLUICE_MAPS_NAMES_H
#define SLUICE_MAPS_NAMES_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "../include/sluice.h"

/* Programs: the socket's own memory of its verdict, and of who called. BPF_F_CLONE hands a
 * listener's mark to every socket that it accepts. What is judged is read and written under its lock. `caller` is
 * not: two threads that call at once may be reported under each other's name. `noted` is a hint. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
	__type(key, int);
	__type(value, struct sluice_verdict);
} sluice_verdicts SEC(".maps");

/* Programs, and the agent for what the programs do not read: names that are
 * allowed, behind addresses. Each entry is written at once; of two for one place the later stays. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SLUICE_MAX_LEARNED);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_learned_key);
	__type(value, struct sluice_learned);
} sluice_dns_allowed SEC(".maps");

/* The same: other names, which must not crowd out the former. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SLUICE_MAX_HEARD);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_learned_key);
	__type(value, struct sluice_learned);
} sluice_dns_seen SEC(".maps");

#endif
