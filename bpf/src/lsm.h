/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Which sockets the verdicts cover, and whose others are refused. */
#ifndef SLUICE_LSM_H
#define SLUICE_LSM_H

#include "../include/attempts.h"
#include "cgroup.h"

/* Program: who asked for a socket that is refused, or would be. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, SLUICE_MAX_ATTEMPTS);
	__type(key, struct sluice_attempt_key);
	__type(value, struct sluice_attempt);
} sluice_denied_sockets SEC(".maps");

/* How often any process asked for any socket while the probe was attached. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} sluice_probed_sockets SEC(".maps");

/* socket(2); the families are part of the kernel's interface. */
#define FAMILY_UNSPEC 0
#define FAMILY_UNIX 1
#define FAMILY_INET 2
#define FAMILY_INET6 10
#define FAMILY_KEY 15
#define FAMILY_NETLINK 16
#define FAMILY_ALG 38
/* TCP at first, then whatever its peer and it agree on past the IP layer. */
#define PROTOCOL_SMC 256

/* Whether what such a socket sends is judged by egress, or leaves the kernel's own
 * tables nowhere. A family that is not listed, of today or of a newer kernel, is not. */
static __always_inline int is_covered(__u32 family, __u32 protocol)
{
	switch (family) {
	case FAMILY_INET:
	case FAMILY_INET6:
		return protocol != PROTOCOL_SMC;
	case FAMILY_UNSPEC: /* there are no such sockets */
	case FAMILY_UNIX:
	case FAMILY_NETLINK:
	case FAMILY_KEY:
	case FAMILY_ALG:
		return 1;
	default:
		return 0;
	}
}

static __always_inline void record_denied_socket(__u64 pod, __u16 family, __u8 refused)
{
	struct sluice_attempt_key key = { .pod = pod, .family = family, .refused = refused };
	struct sluice_attempt *known = bpf_map_lookup_elem(&sluice_denied_sockets, &key);

	if (!known) {
		struct sluice_attempt fresh = {};

		bpf_map_update_elem(&sluice_denied_sockets, &key, &fresh, BPF_NOEXIST);
		known = bpf_map_lookup_elem(&sluice_denied_sockets, &key);
		if (!known)
			return;
	}
	__atomic_fetch_add(&known->count, 1, __ATOMIC_RELAXED);
	known->time_ns = bpf_ktime_get_ns();
	known->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(known->comm, sizeof(known->comm));
}

#endif
