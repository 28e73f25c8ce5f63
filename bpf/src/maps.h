/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The maps of sluice.bpf.o alone; sluice.h has the layouts. Beside each stands who writes it. Programs run on all
 * processors at once, and for two packets of one socket too. So:
 * - What the agent alone writes changes entry by entry, each at once; order-of-a-change.md has the order.
 * - Per-CPU values are written by one program at a time, and added up by the agent.
 * - Otherwise what may be lost by a race is said here; a verdict never is. */
#ifndef SLUICE_MAPS_H
#define SLUICE_MAPS_H

#include "maps_names.h"
#include "maps_pods.h"

/* Agent: destination -> address class. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, SLUICE_MAX_ADDRESSES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_address_key);
	__type(value, struct sluice_address);
} sluice_addresses SEC(".maps");

/* Agent: (policy set, address class) -> rule. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SLUICE_MAX_RULES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_rule_key);
	__type(value, struct sluice_rule);
} sluice_rules SEC(".maps");

/* Agent: (port set, protocol, port) -> what to do. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, SLUICE_MAX_PORTS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_port_key);
	__type(value, struct sluice_port);
} sluice_ports SEC(".maps");

/* Agent: domain name, backwards -> class of names. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, SLUICE_MAX_NAMES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_name_key);
	__type(value, struct sluice_name);
} sluice_dns_names SEC(".maps");

/* Agent: whose answers count. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SLUICE_MAX_RESOLVERS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_resolver_key);
	__type(value, __u32);
} sluice_resolvers SEC(".maps");

/* Agent: (cgroup id, address) of pods' network namespaces. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SLUICE_MAX_OWN_ADDRESSES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_own_key);
	__type(value, __u32);
} sluice_own_addresses SEC(".maps");

/* Agent: destinations that the connect and sendmsg hooks never refuse. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, SLUICE_MAX_FAIL_SLOW);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_address_key);
	__type(value, __u32);
} sluice_fail_slow SEC(".maps");

/* Programs: packets in a name that is not the pod's, by enum sluice_foreign_source. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SLUICE_FOREIGN_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} sluice_foreign_sources SEC(".maps");

/* Programs: connections whose packets pass without being judged, each at a place that
 * its socket's cookie gives it. One word decides and is written at once. Counts of bytes and packets may be
 * lost, or count for the pod whose socket had the place before, where two processors meet at one place. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLUICE_MAX_CONNECTIONS);
	__type(key, __u32);
	__type(value, struct sluice_connection);
} sluice_tcp_fastpath SEC(".maps");

/* Programs: who may be replied to, and whom a pod addressed by itself. The agent removes
 * what is out of date. Two packets of a tuple may both make it: the later stays, and both say the same. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SLUICE_MAX_REPLIES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_reply_key);
	__type(value, struct sluice_reply);
} sluice_replies SEC(".maps");

/* The same: which of them a pod holds. The head of a pod's ring moves under the lock of `sluice_pod_shares`, so
 * each cell is taken by one program. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SLUICE_MAX_REPLIES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_cell);
	__type(value, struct sluice_reply_key);
} sluice_ring_replies SEC(".maps");

/* Programs: what was asked and not answered yet. The agent removes what it answers. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SLUICE_MAX_QUERIES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_query_key);
	__type(value, struct sluice_query);
} sluice_dns_queries SEC(".maps");

/* Programs: which of them a pod holds. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SLUICE_MAX_QUERIES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_cell);
	__type(value, struct sluice_query_key);
} sluice_ring_queries SEC(".maps");

/* Programs, and the agent: which of the learned names a pod holds. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SLUICE_MAX_LEARNED);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_cell);
	__type(value, struct sluice_learned_key);
} sluice_ring_allowed SEC(".maps");

/* The same: which of the others a pod holds. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SLUICE_MAX_HEARD);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_cell);
	__type(value, struct sluice_learned_key);
} sluice_ring_seen SEC(".maps");

/* Programs: what each pod has used of what all share, by slot. The heads of its rings move under its lock; its
 * second's events are counted without, so that a few more may be reported than its part. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SLUICE_MAX_SLOTS);
	__type(key, __u32);
	__type(value, struct sluice_share);
} sluice_pod_shares SEC(".maps");

/* Programs: how far connections to resolvers have been read. The kernel processes one segment of a TCP socket at a
 * time. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct sluice_stream);
} sluice_dns_streams SEC(".maps");

/* Programs to agent: names that no rule covers, messages to read. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, SLUICE_ANSWER_BYTES);
} sluice_dns_events SEC(".maps");

/* Programs: what became of answers, by enum sluice_reading. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SLUICE_READ_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} sluice_dns_stats SEC(".maps");

/* Programs: packets and bytes by slot and verdict. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SLUICE_MAX_SLOTS);
	__type(key, __u32);
	__type(value, struct sluice_counters);
} sluice_counters SEC(".maps");

/* Programs: when a flow was last reported. The agent takes out what repeated
 * and then stopped. Repeats are added atomically; two packets at the same time may both be reported. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, SLUICE_MAX_DEDUP);
	__type(key, struct sluice_dedup_key);
	__type(value, struct sluice_dedup);
} sluice_event_dedup SEC(".maps");

/* Programs to agent. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, SLUICE_EVENT_BYTES);
} sluice_events SEC(".maps");

/* Agent: which socket sends a canary. Programs: what they made of it. The agent waits for each before the next. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sluice_canary);
} sluice_canary SEC(".maps");

/* Programs: events that nobody was told of. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sluice_drops);
} sluice_event_drops SEC(".maps");

/* Programs: how many events the current second has seen that no pod was sure of. Without a lock: around the turn of a
 * second a few more or fewer are reported. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sluice_rate);
} sluice_event_rate SEC(".maps");

#endif
