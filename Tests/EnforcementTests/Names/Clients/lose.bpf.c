/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Loses one in ten of the segments that port 53 sends, on their way in. */
#include <linux/bpf.h>
#include <linux/in.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PASS 0
#define LOSE 2
#define PROTOCOL 23 /* behind Ethernet, of IPv4 without options */
#define SOURCE_PORT 34
#define DATA 66

SEC("tc")
int lose(struct __sk_buff *skb)
{
	__u8 protocol;
	__be16 port;

	if (bpf_skb_load_bytes(skb, PROTOCOL, &protocol, 1) || protocol != IPPROTO_TCP ||
	    bpf_skb_load_bytes(skb, SOURCE_PORT, &port, 2) || port != bpf_htons(53) || skb->len <= DATA)
		return PASS;
	return bpf_get_prandom_u32() % 10 ? PASS : LOSE;
}

char LICENSE[] SEC("license") = "GPL";
