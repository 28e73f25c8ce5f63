/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Replies of protocols that have no connection in the socket: UDP and SCTP.
 *
 * A tuple is remembered with who began it. Whoever spoke first keeps the part:
 * an answer to what the pod asked must not become a permission to reply, or a
 * revoked rule would live on as long as the peer keeps talking. */
#ifndef SLUICE_REPLIES_H
#define SLUICE_REPLIES_H

#include "judge.h"

static __always_inline int may_be_reply(const struct subject *subject, const struct packet *packet)
{
	return subject->flags & SLUICE_POD_ISOLATED && !packet->portless &&
	       (packet->protocol == IPPROTO_UDP || packet->protocol == IPPROTO_SCTP);
}

static __always_inline void fill_reply_key(struct sluice_reply_key *key, __u64 pod, __u8 protocol,
					   const struct address *remote, __be16 port,
					   __be16 local_port)
{
	key->pod = pod;
	__builtin_memcpy(key->address, remote, sizeof(key->address));
	key->port = port;
	key->local_port = local_port;
	key->protocol = protocol;
}

static __always_inline struct sluice_reply *fresh_reply(const struct sluice_reply_key *key,
							__u64 window_ns)
{
	struct sluice_reply *reply = bpf_map_lookup_elem(&replies, key);

	if (reply && bpf_ktime_get_ns() - reply->seen_ns < window_ns)
		return reply;
	return 0;
}

static __always_inline int is_reply(const struct sluice_reply_key *key, __u64 window_ns)
{
	struct sluice_reply *reply = fresh_reply(key, window_ns);

	return reply && reply->direction == SLUICE_INBOUND;
}

/* Notes a packet of the tuple; the first one seen settles who began. */
static __always_inline void note_tuple(const struct sluice_reply_key *key, __u64 window_ns,
				       __u32 direction)
{
	struct sluice_reply *reply = fresh_reply(key, window_ns);
	struct sluice_reply begun = { .seen_ns = bpf_ktime_get_ns(), .direction = direction };

	if (reply)
		reply->seen_ns = begun.seen_ns;
	else
		bpf_map_update_elem(&replies, key, &begun, BPF_ANY);
}

#endif
