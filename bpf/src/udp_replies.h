/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Replies of protocols that have no connection in the socket: UDP and SCTP.
 *
 * A tuple is remembered with who began it. Whoever spoke first keeps the part:
 * an answer to what the pod asked must not become a permission to reply, or a
 * revoked rule would live on as long as the peer keeps talking. */
#ifndef SLUICE_UDP_REPLIES_H
#define SLUICE_UDP_REPLIES_H

#include "policy.h"

static __always_inline int may_be_reply(const struct subject *subject, const struct packet *packet)
{
	return subject->flags & SLUICE_POD_ISOLATED && !packet->l4_unknown &&
	       (packet->protocol == IPPROTO_UDP || packet->protocol == IPPROTO_SCTP);
}

static __always_inline void fill_reply_key(struct sluice_reply_key *key, __u64 pod, __u8 protocol,
					   const struct address *remote, __be16 port, __be16 local_port)
{
	key->pod = pod;
	__builtin_memcpy(key->address, remote, sizeof(key->address));
	key->port = port;
	key->local_port = local_port;
	key->protocol = protocol;
}

static __always_inline struct sluice_reply *fresh_reply(const struct sluice_reply_key *key, __u64 window_ns)
{
	struct sluice_reply *reply = bpf_map_lookup_elem(&sluice_replies, key);

	if (reply && bpf_ktime_get_ns() - reply->seen_ns < window_ns)
		return reply;
	return 0;
}

/* Whether a packet of the sender's may be the reply to what was heard.
 *
 * A pod that may make namespaces of its own can forge any peer in them: what was
 * heard there permits nothing outside. Any socket of the namespace may reply, as a
 * server may connect a socket to each peer, listen with several or be started anew.
 * Where a socket is older than Sluice, and so its namespace is not known, the one that
 * heard the peer may. SCTP's sockets change hands while an association begins: theirs
 * are only refused where both namespaces are known.
 * - Parameter netns: of the sending socket, or 0.
 * - Parameter socket: its cookie. */
static __always_inline int receiver_in_netns(const struct sluice_reply *heard, __u8 protocol, __u64 netns,
					     __u64 socket)
{
	if (heard->socket == socket)
		return 1;
	if (!heard->netns || !netns)
		return protocol != IPPROTO_UDP;
	return heard->netns == netns;
}

static __always_inline int is_reply(const struct sluice_reply_key *key, __u64 window_ns)
{
	struct sluice_reply *reply = fresh_reply(key, window_ns);

	return reply && reply->direction == SLUICE_INBOUND;
}

/* How many tuples that were seen again the ring leaves in place before it takes a cell
 * all the same. */
#define CELLS_LEFT 3

static __always_inline __u32 next_cell(struct sluice_share *share)
{
	__u32 index;

	bpf_spin_lock(&share->lock);
	index = share->reply_head++;
	bpf_spin_unlock(&share->lock);
	return index % SLUICE_REPLY_SHARE;
}

/* Notes a new tuple. It takes the place of the pod's oldest, so that no pod holds more
 * than its share; where the whole map is full it is not noted. */
static __noinline int begin_tuple(const struct sluice_reply_key *key, __u32 slot, __u32 direction,
				  __u64 socket, __u64 netns)
{
	struct sluice_reply begun = {
		.seen_ns = bpf_ktime_get_ns(), .direction = direction, .socket = socket, .netns = netns
	};
	struct sluice_share *share = bpf_map_lookup_elem(&sluice_pod_shares, &slot);
	struct sluice_cell cell = { .slot = slot };

	if (!key || !share)
		return 0;
	for (int i = 0; i <= CELLS_LEFT; i++) {
		struct sluice_reply_key *held;
		struct sluice_reply *old;

		cell.index = next_cell(share);
		held = bpf_map_lookup_elem(&sluice_ring_replies, &cell);
		if (!held) {
			if (bpf_map_update_elem(&sluice_ring_replies, &cell, key, BPF_ANY))
				return 0;
			break;
		}
		old = bpf_map_lookup_elem(&sluice_replies, held);
		/* One that was begun again stands in another cell. */
		if (old && old->cell == cell.index) {
			if (old->again && i < CELLS_LEFT) {
				old->again = 0;
				continue;
			}
			bpf_map_delete_elem(&sluice_replies, held);
		}
		__builtin_memcpy(held, key, sizeof(*held));
		break;
	}
	begun.cell = cell.index;
	bpf_map_update_elem(&sluice_replies, key, &begun, BPF_ANY);
	return 0;
}

/* Notes a packet of the tuple; the first one seen settles who began. */
static __always_inline void record_tuple(const struct sluice_reply_key *key, __u64 window_ns, __u32 slot,
					 __u32 direction, __u64 socket, __u64 netns)
{
	struct sluice_reply *reply = fresh_reply(key, window_ns);

	if (!reply) {
		begin_tuple(key, slot, direction, socket, netns);
		return;
	}
	reply->seen_ns = bpf_ktime_get_ns();
	reply->again = 1;
	if (socket) {
		reply->socket = socket;
		reply->netns = netns;
	}
}

/* Whether a packet that may be a reply answers a peer that spoke first. Functions of their
 * own, as the stack of who calls them is nearly full.
 * - Parameter netns: see receiver_in_netns. */
static __noinline int replies_to_peer(struct __sk_buff *skb, const struct sluice_config *cfg,
				      const struct subject *subject, const struct packet *packet, __u64 netns)
{
	struct sluice_reply_key key = {};
	struct sluice_reply *heard;

	if (!cfg || !subject || !packet)
		return 0;
	fill_reply_key(&key, subject->id, packet->protocol, &packet->destination, packet->destination_port,
		       packet->source_port);
	heard = fresh_reply(&key, cfg->reply_window_ns);
	return heard && heard->direction == SLUICE_INBOUND &&
	       receiver_in_netns(heard, packet->protocol, netns, bpf_get_socket_cookie(skb));
}

static __noinline int record_outbound(const struct sluice_config *cfg, const struct subject *subject,
				      const struct packet *packet)
{
	struct sluice_reply_key key = {};

	if (!cfg || !subject || !packet)
		return 0;
	fill_reply_key(&key, subject->id, packet->protocol, &packet->destination, packet->destination_port,
		       packet->source_port);
	record_tuple(&key, cfg->reply_window_ns, subject->slot, SLUICE_OUTBOUND, 0, 0);
	return 0;
}

#endif
