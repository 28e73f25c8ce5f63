/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Counters and events. Nothing here changes what becomes of a packet. */
#ifndef SLUICE_REPORT_H
#define SLUICE_REPORT_H

#include "policy.h"

#define SECOND_NS 1000000000ULL

static __always_inline struct sluice_count *counter_of(__u32 slot, __u8 verdict)
{
	struct sluice_counters *all = bpf_map_lookup_elem(&sluice_counters, &slot);
	__u64 index = verdict;

	/* What the compiler knows of the index the verifier must see bounded. */
	asm volatile("" : "+r"(index));
	index &= SLUICE_VERDICT_COUNT - 1;
	return all ? &all->verdict[index] : 0;
}

static __always_inline void count_many(__u32 slot, __u8 verdict, __u32 packets, __u32 bytes)
{
	struct sluice_count *counter = counter_of(slot, verdict);

	if (!counter)
		return;
	counter->packets += packets;
	counter->bytes += bytes;
}

/* - Parameter flows: 1 for a flow that is judged for the first time. */
static __always_inline void count(__u32 slot, __u8 verdict, __u32 bytes, __u32 flows)
{
	struct sluice_count *counter = counter_of(slot, verdict);

	if (!counter)
		return;
	counter->packets += 1;
	counter->bytes += bytes;
	counter->flows += flows;
}

/* How many events a pod is sure of in a second, whatever the others do: a 64th of the
 * node's, and at least so many. */
#define SURE_EVENTS 10

static __always_inline __u32 sure_events(const struct sluice_config *cfg)
{
	__u32 part = cfg->event_rate / 64;

	return part > SURE_EVENTS ? part : SURE_EVENTS;
}

/* Counts one more in the current second.
 * - Returns: how many it has seen. */
static __always_inline __u32 spend(__u64 *since_ns, __u32 *used, __u64 now)
{
	if (now - *since_ns >= SECOND_NS) {
		*since_ns = now;
		*used = 0;
	}
	__atomic_fetch_add(used, 1, __ATOMIC_RELAXED);
	return *used;
}

/* Whether the node's rate has room for a pod that has used up what it is sure of: no pod
 * gets more than a quarter of it. */
static __always_inline int within_rate(const struct sluice_config *cfg, __u32 used, __u32 kind, __u64 now)
{
	__u32 key = 0;
	struct sluice_rate *spent;

	if (!cfg->event_rate)
		return 1;
	spent = bpf_map_lookup_elem(&sluice_event_rate, &key);
	return spent && used <= cfg->event_rate / 4 &&
	       spend(&spent->since_ns[kind], &spent->used[kind], now) <= cfg->event_rate;
}

/* Whether there is room for one more event of the pod's; if not, that is counted. What is
 * allowed has rates of its own, so that much of it hides no denial. Half the buffer is
 * kept for what pods are sure of. */
static __always_inline int has_room(const struct sluice_config *cfg, struct sluice_drops *missed, __u32 slot,
				    __u8 verdict, __u64 now)
{
	struct sluice_share *share = bpf_map_lookup_elem(&sluice_pod_shares, &slot);
	__u32 used, kind = verdict == SLUICE_VERDICT_ALLOWED;

	if (!share)
		return 0;
	used = spend(&share->since_ns[kind], &share->used[kind], now);
	if (used <= sure_events(cfg))
		return 1;
	if (bpf_ringbuf_query(&sluice_events, BPF_RB_AVAIL_DATA) > SLUICE_EVENT_BYTES / 2) {
		if (missed)
			missed->full += 1;
		return 0;
	}
	if (within_rate(cfg, used, kind, now))
		return 1;
	if (missed)
		missed->limited += 1;
	return 0;
}

/* Whether a new allowed flow is to be reported. */
static __always_inline int is_sampled(const struct sluice_config *cfg, const struct decision *decision)
{
	if (decision->action == SLUICE_ALLOW_GUARDED)
		return 1;
	if (cfg->allowed_sampling <= 1)
		return cfg->allowed_sampling;
	return bpf_get_prandom_u32() % cfg->allowed_sampling == 0;
}

static __always_inline void fill_dedup_key(struct sluice_dedup_key *key, const struct packet *packet,
					   __u64 id, __u8 verdict)
{
	key->pod = id;
	__builtin_memcpy(key->address, &packet->destination, sizeof(key->address));
	key->port = packet->destination_port;
	key->protocol = packet->protocol;
	key->verdict = verdict;
}

/* Too large for the stack. */
static const struct sluice_dedup never_reported;

/* - Returns: what is known of the flow's last report, made if need be, and in
 *   `packets` how many the next one stands for; 0 if it is not due. */
static __always_inline struct sluice_dedup *report_due(const struct sluice_dedup_key *key,
						       const struct sluice_config *cfg, __u64 now,
						       __u32 *packets)
{
	struct sluice_dedup *last = bpf_map_lookup_elem(&sluice_event_dedup, key);

	*packets = 1;
	if (!last) {
		bpf_map_update_elem(&sluice_event_dedup, key, &never_reported, BPF_ANY);
		last = bpf_map_lookup_elem(&sluice_event_dedup, key);
		if (last)
			last->reported_ns = now;
		return last;
	}
	if (now - last->reported_ns < cfg->repeat_ns) {
		__atomic_fetch_add(&last->suppressed, 1, __ATOMIC_RELAXED);
		*packets = 0;
		return last;
	}
	*packets = last->suppressed + 1;
	last->suppressed = 0;
	last->reported_ns = now;
	return last;
}

/* How the reader hears of a record. To wake it costs several times as much as all
 * else of a report: an interrupt to oneself, which leaves a virtual machine. It
 * looks into the buffer by itself, ten to a hundred times a second, so that it is
 * woken only where that could be too late. */
static __always_inline __u64 wake_up(void)
{
	return bpf_ringbuf_query(&sluice_events, BPF_RB_AVAIL_DATA) < SLUICE_EVENT_BYTES / 4 ?
		       BPF_RB_NO_WAKEUP :
		       BPF_RB_FORCE_WAKEUP;
}

/* Tells the agent, unless it was told of this flow just now; what cannot be told
 * is counted.
 * - Parameter caller: who sends, if that is known. */
static __noinline int report(const struct packet *packet, const struct subject *subject,
			     const struct decision *decision, const struct sluice_caller *caller,
			     __u32 verdict_and_hook)
{
	struct sluice_config *cfg = read_config();
	struct sluice_dedup_key key = {};
	struct sluice_dedup *last;
	struct sluice_event *event;
	struct sluice_drops *missed;
	__u8 verdict = verdict_and_hook & 0xff;
	__u8 hook = verdict_and_hook >> 8;
	__u8 guard;
	__u64 now = bpf_ktime_get_ns();
	__u32 packets, zero = 0;

	if (!cfg || !packet || !subject || !decision)
		return 0;
	guard = decision->action == SLUICE_GUARD || decision->action == SLUICE_AUDIT ||
		decision->action == SLUICE_ALLOW_GUARDED;
	fill_dedup_key(&key, packet, subject->id, verdict);
	last = report_due(&key, cfg, now, &packets);
	if (!packets)
		return 0;
	if (last) {
		last->policy_set = subject->policy_set;
		last->address_class = decision->address_class;
		last->cause = decision->cause;
		last->guard = guard;
		last->hook = hook;
		if (caller) {
			last->netns = caller->netns;
			last->pid = caller->pid;
			__builtin_memcpy(last->comm, caller->comm, sizeof(last->comm));
		}
	}
	missed = bpf_map_lookup_elem(&sluice_event_drops, &zero);
	if (!has_room(cfg, missed, subject->slot, verdict, now))
		return 0;
	event = bpf_ringbuf_reserve(&sluice_events, sizeof(*event), 0);
	if (!event) {
		if (missed)
			missed->full += 1;
		return 0;
	}
	__builtin_memset(event, 0, sizeof(*event));
	event->time_ns = now;
	event->pod = subject->id;
	event->policy_set = subject->policy_set;
	event->address_class = decision->address_class;
	event->cause = decision->cause;
	__builtin_memcpy(event->address, &packet->destination, sizeof(event->address));
	__builtin_memcpy(event->source, &packet->source, sizeof(event->source));
	event->port = bpf_ntohs(packet->destination_port);
	event->source_port = bpf_ntohs(packet->source_port);
	event->protocol = packet->protocol;
	event->verdict = verdict;
	event->guard = guard;
	event->hook = hook;
	event->count = packets;
	if (caller) {
		event->netns = caller->netns;
		event->pid = caller->pid;
		__builtin_memcpy(event->comm, caller->comm, sizeof(event->comm));
	}
	bpf_ringbuf_submit(event, wake_up());
	return 0;
}

#endif
