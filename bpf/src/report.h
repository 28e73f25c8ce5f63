/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Counters and events. Nothing here changes what becomes of a packet. */
#ifndef SLUICE_REPORT_H
#define SLUICE_REPORT_H

#include "judge.h"

/* A flow that repeats is reported again after this long, with a count. */
#define REPORT_INTERVAL_NS 1000000000ULL

static __always_inline void count(__u32 slot, __u8 verdict, __u32 bytes)
{
	struct sluice_counters *all = bpf_map_lookup_elem(&counters, &slot);
	__u32 index = verdict;

	/* What the compiler knows of the index the verifier must see checked. */
	asm volatile("" : "+r"(index));
	if (!all || index >= SLUICE_VERDICT_COUNT)
		return;
	all->verdict[index].packets += 1;
	all->verdict[index].bytes += bytes;
}

static __always_inline void count_lost(void)
{
	__u32 key = 0;
	__u64 *counter = bpf_map_lookup_elem(&lost, &key);

	if (counter)
		*counter += 1;
}

/* - Returns: how many packets the report stands for, or 0 if it is not due. */
static __always_inline __u32 report_due(const struct packet *packet, __u64 id, __u8 verdict, __u64 now)
{
	struct sluice_recent_key key = {
		.pod = id,
		.port = packet->destination_port,
		.protocol = packet->protocol,
		.verdict = verdict,
	};
	struct sluice_recent fresh = { .reported_ns = now };
	struct sluice_recent *last;
	__u32 packets;

	__builtin_memcpy(key.address, &packet->destination, sizeof(key.address));
	last = bpf_map_lookup_elem(&recent, &key);
	if (!last) {
		bpf_map_update_elem(&recent, &key, &fresh, BPF_ANY);
		return 1;
	}
	if (now - last->reported_ns < REPORT_INTERVAL_NS) {
		__atomic_fetch_add(&last->suppressed, 1, __ATOMIC_RELAXED);
		return 0;
	}
	packets = last->suppressed + 1;
	last->suppressed = 0;
	last->reported_ns = now;
	return packets;
}

/* Offers an event to the agent; a full buffer counts it as lost.
 * - Returns: the event to add to and submit, or NULL. */
static __always_inline struct sluice_event *begin_event(const struct packet *packet,
							const struct subject *subject,
							const struct decision *decision, __u8 verdict,
							__u8 hook)
{
	__u64 now = bpf_ktime_get_ns();
	__u32 packets = report_due(packet, subject->id, verdict, now);
	struct sluice_event *event;

	if (!packets)
		return 0;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		count_lost();
		return 0;
	}
	__builtin_memset(event, 0, sizeof(*event));
	event->time_ns = now;
	event->pod = subject->id;
	event->policy_set = subject->policy_set;
	event->address_class = decision->address_class;
	event->cause = decision->cause;
	__builtin_memcpy(event->address, &packet->destination, sizeof(event->address));
	event->port = bpf_ntohs(packet->destination_port);
	event->protocol = packet->protocol;
	event->verdict = verdict;
	event->guard = decision->action == SLUICE_GUARD || decision->action == SLUICE_AUDIT;
	event->hook = hook;
	event->count = packets;
	return event;
}

#endif
