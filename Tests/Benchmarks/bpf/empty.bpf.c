/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What the kernel charges for any program at all. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup_skb/egress")
int compared(struct __sk_buff *skb)
{
	return 1;
}

SEC("cgroup_skb/ingress")
int compared_ingress(struct __sk_buff *skb)
{
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
