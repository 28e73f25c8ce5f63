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

/* Whether the socket that heard the peer is in the sender's network namespace.
 *
 * A pod that may make namespaces of its own can forge any peer in them: what was
 * heard there permits nothing outside. The socket itself may reply; so may
 * another, if the one that heard is found in the sender's namespace by the local
 * port (a server may connect a socket to each peer). The made-up peer is there
 * to find the one that hears everybody. */
static __noinline int heard_here(struct __sk_buff *skb, const struct packet *packet, __u64 socket)
{
	struct bpf_sock_tuple tuple = {};
	struct sluice_verdict *v;
	struct bpf_sock *found;
	int here = 0;

	if (!packet)
		return 0;
	if (packet->protocol != IPPROTO_UDP || bpf_get_socket_cookie(skb) == socket)
		return 1;
	if (is_mapped_ipv4(&packet->source)) {
		tuple.ipv4.saddr = MADE_UP_IPV4;
		tuple.ipv4.sport = bpf_htons(1);
		tuple.ipv4.daddr = packet->source.words[3];
		tuple.ipv4.dport = packet->source_port;
		found = bpf_sk_lookup_udp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	} else {
		tuple.ipv6.saddr[0] = MADE_UP_IPV6;
		tuple.ipv6.sport = bpf_htons(1);
		__builtin_memcpy(tuple.ipv6.daddr, &packet->source, sizeof(tuple.ipv6.daddr));
		tuple.ipv6.dport = packet->source_port;
		found = bpf_sk_lookup_udp(skb, &tuple, sizeof(tuple.ipv6), BPF_F_CURRENT_NETNS, 0);
	}
	if (!found)
		return 0;
	v = bpf_sk_storage_get(&verdicts, found, 0, 0);
	here = v && v->cookie == socket;
	bpf_sk_release(found);
	return here;
}

static __always_inline int is_reply(const struct sluice_reply_key *key, __u64 window_ns)
{
	struct sluice_reply *reply = fresh_reply(key, window_ns);

	return reply && reply->direction == SLUICE_INBOUND;
}

/* Notes a packet of the tuple; the first one seen settles who began. */
static __always_inline void note_tuple(const struct sluice_reply_key *key, __u64 window_ns,
				       __u32 direction, __u64 socket)
{
	struct sluice_reply *reply = fresh_reply(key, window_ns);
	struct sluice_reply begun = { .seen_ns = bpf_ktime_get_ns(), .direction = direction,
				      .socket = socket };

	if (reply) {
		reply->seen_ns = begun.seen_ns;
		if (socket)
			reply->socket = socket;
	} else {
		bpf_map_update_elem(&replies, key, &begun, BPF_ANY);
	}
}

/* Whether a packet that may be a reply answers a peer that spoke first. Functions of their
 * own, as the stack of who calls them is nearly full. */
static __noinline int replies_to_peer(struct __sk_buff *skb, const struct sluice_config *cfg,
				      const struct subject *subject, const struct packet *packet)
{
	struct sluice_reply_key key = {};
	struct sluice_reply *heard;

	if (!cfg || !subject || !packet)
		return 0;
	fill_reply_key(&key, subject->id, packet->protocol, &packet->destination,
		       packet->destination_port, packet->source_port);
	heard = fresh_reply(&key, cfg->reply_window_ns);
	return heard && heard->direction == SLUICE_INBOUND && heard_here(skb, packet, heard->socket);
}

static __noinline int note_outbound(const struct sluice_config *cfg, const struct subject *subject,
				    const struct packet *packet)
{
	struct sluice_reply_key key = {};

	if (!cfg || !subject || !packet)
		return 0;
	fill_reply_key(&key, subject->id, packet->protocol, &packet->destination,
		       packet->destination_port, packet->source_port);
	note_tuple(&key, cfg->reply_window_ns, SLUICE_OUTBOUND, 0);
	return 0;
}

#endif
