/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What the packet-socket guard (src/lsm.bpf.c) and the agent share beside sluice.h,
 * whose rules for editing hold here too.
 */
#ifndef SLUICE_ATTEMPTS_H
#define SLUICE_ATTEMPTS_H

#include <linux/types.h>

#define SLUICE_MAX_ATTEMPTS 1024

/* `sluice_denied_sockets`: who asked for sockets that no verdict covers. */
struct sluice_attempt_key {
	__u64 pod;    /* the pod's cgroup id, or the process's own if no pod is known */
	__u16 family; /* AF_* */
	__u8 refused; /* 0: the guard is in audit mode */
	__u8 zero[5];
};
struct sluice_attempt {
	__u64 count;
	__u64 time_ns; /* of the last one: bpf_ktime_get_ns() */
	__u32 pid;     /* of the last one */
	__u8 comm[16];
	__u32 zero;
};

_Static_assert(sizeof(struct sluice_attempt_key) == 16, "sluice_attempt_key");
_Static_assert(sizeof(struct sluice_attempt) == 40, "sluice_attempt");

#endif
