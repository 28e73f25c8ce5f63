/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What is noted of a socket when it is made, and what becomes of its options. */
#ifndef SLUICE_SOCK_CREATE_H
#define SLUICE_SOCK_CREATE_H

#include "sock_addr.h"

/* Notes where the socket is at home, which not every hook can tell. */
static __always_inline void record_netns(struct bpf_sock *sk)
{
	struct sluice_verdict *v = bpf_sk_storage_get(&sluice_verdicts, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	struct sluice_config *cfg = read_config();
	__u64 id;

	if (!v || !cfg)
		return;
	v->caller.netns = bpf_get_netns_cookie(sk);
	v->caller.held = cfg->posture == SLUICE_POSTURE_HOLD && !find_pod(0, cfg, &id);
}

/* ip(7), ipv6(7) */
#define LEVEL_IP 0
#define LEVEL_IPV6 41
#define OPTION_IP_RECVERR 11
#define OPTION_IPV6_RECVERR 25
/* The kernel shows a program no more of an option than a page (kernel/bpf/cgroup.c). */
#define OPTION_SHOWN 4096

/* What is held is dropped as if by congestion. A socket that asks for errors (glibc's resolver does) is told of
 * that as ENOBUFS, and its process gives up instead of waiting. So a socket that was made while its pod was held
 * takes the option, and the option has no effect. */
static __always_inline void hide_errqueue_option(struct bpf_sockopt *ctx)
{
	struct sluice_verdict *v;

	/* A longer one is the kernel's to read again, whole. */
	if (ctx->optlen > OPTION_SHOWN) {
		ctx->optlen = 0;
		return;
	}
	if (!ctx->sk || !((ctx->level == LEVEL_IP && ctx->optname == OPTION_IP_RECVERR) ||
			  (ctx->level == LEVEL_IPV6 && ctx->optname == OPTION_IPV6_RECVERR)))
		return;
	v = bpf_sk_storage_get(&sluice_verdicts, ctx->sk, 0, 0);
	/* include/uapi/linux/bpf.h: the kernel's own handling is left out. */
	if (v && v->caller.held)
		ctx->optlen = -1;
}

#endif
