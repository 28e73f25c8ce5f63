/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The usual design: every packet's destination is looked up, and nothing is
 * remembered. It counts nothing and asks for no port, which spares it work. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "sluice.h"

/* The benchmark puts Sluice's own map in this place: the same entries. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, SLUICE_MAX_ADDRESSES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sluice_address_key);
	__type(value, struct sluice_address);
} addresses SEC(".maps");

static __always_inline int read_destination(struct __sk_buff *skb, __u8 *address)
{
	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		address[10] = 0xff;
		address[11] = 0xff;
		return bpf_skb_load_bytes(skb, __builtin_offsetof(struct iphdr, daddr), address + 12, 4);
	}
	return bpf_skb_load_bytes(skb, __builtin_offsetof(struct ipv6hdr, daddr), address, 16);
}

SEC("cgroup_skb/egress")
int compared(struct __sk_buff *skb)
{
	struct sluice_address_key key = { .prefixlen = 128 };
	struct sluice_address *found;

	if (read_destination(skb, key.address))
		return 0;
	found = bpf_map_lookup_elem(&addresses, &key);
	return found && found->address_class;
}

char LICENSE[] SEC("license") = "GPL";
