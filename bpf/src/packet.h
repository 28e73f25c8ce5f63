/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What a verdict needs to know of a packet, whatever its family. */
#ifndef SLUICE_PACKET_H
#define SLUICE_PACKET_H

#include "verifier.h"
#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define IPV4_OFFSET_MASK 0x1fff
#define IPV4_OPTION_END 0
#define IPV4_OPTION_NOP 1
#define IPV4_OPTION_LSRR 131
#define IPV4_OPTION_SSRR 137
#define IPV4_OPTIONS_MAX 40
/* Extension headers walked before a packet counts as unreadable. */
#define IPV6_HEADERS_MAX 8
#define LOOPBACK_IFINDEX 1

/* A peer that is nobody: TEST-NET-1 (RFC 5737), or the documentation prefix
 * (RFC 3849). Looking a socket up with it finds those that hear everybody. */
#define WILDCARD_PEER_IPV4 bpf_htonl(0xc0000201)
#define WILDCARD_PEER_IPV6 bpf_htonl(0x20010db8)

struct address {
	union {
		__u8 bytes[16];
		__u32 words[4];
	};
};

struct packet {
	struct address source;
	struct address destination;
	__be16 source_port;
	__be16 destination_port;
	__u16 transport; /* where its header begins */
	__u8 protocol;
	/* The port of a protocol with ports could not be read. */
	__u8 l4_unknown;
	/* The packet names its next hop; where it really goes is not looked at. */
	__u8 source_routed;
};

static __always_inline void map_ipv4(struct address *address, __be32 ipv4)
{
	address->words[0] = 0;
	address->words[1] = 0;
	address->words[2] = bpf_htonl(0xffff);
	address->words[3] = ipv4;
}

/* With one branch and not four, each of which the verifier would follow both sides of. */
static __always_inline int same_address(const struct address *a, const __u8 *bytes)
{
	const __u32 *words = (const __u32 *)bytes;
	__u32 different = (a->words[0] ^ words[0]) | (a->words[1] ^ words[1]) | (a->words[2] ^ words[2]) |
			  (a->words[3] ^ words[3]);

	return !different;
}

static __always_inline int is_mapped_ipv4(const struct address *a)
{
	return !(a->words[0] | a->words[1] | (a->words[2] ^ bpf_htonl(0xffff)));
}

static __always_inline int is_loopback(const struct address *a)
{
	if (is_mapped_ipv4(a))
		return a->bytes[12] == 127;
	return !(a->words[0] | a->words[1] | a->words[2] | (a->words[3] ^ bpf_htonl(1)));
}

/* 0.0.0.0 or ::, which nobody can answer. */
static __always_inline int is_unspecified(const struct address *a)
{
	return !(a->words[0] | a->words[1] | a->words[3]) &&
	       (!a->words[2] || a->words[2] == bpf_htonl(0xffff));
}

static __always_inline int has_ports(__u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

static __always_inline void read_ports(struct __sk_buff *skb, __u32 offset, struct packet *packet)
{
	__be16 pair[2];

	if (!has_ports(packet->protocol))
		return;
	if (packet->l4_unknown || bpf_skb_load_bytes(skb, offset, pair, sizeof(pair))) {
		packet->l4_unknown = 1;
		return;
	}
	packet->source_port = pair[0];
	packet->destination_port = pair[1];
}

/* RFC 791: a loose or strict source route sends the packet on to an address
 * that the header does not show. Counted is what is left, which the verifier does not
 * know: it would follow each offset that it knows on a way of its own.
 * - Parameter length: of the options, in bytes. */
__noinline int ipv4_source_routed(struct __sk_buff *skb, __u32 length)
{
	__u32 end = sizeof(struct iphdr) + length;

	for (int i = 0; i < IPV4_OPTIONS_MAX; i++) {
		__u8 option[2];

		if (!length || length > IPV4_OPTIONS_MAX)
			return 0;
		if (bpf_skb_load_bytes(skb, end - length, option, 1))
			return 1;
		if (option[0] == IPV4_OPTION_END)
			return 0;
		if (option[0] == IPV4_OPTION_LSRR || option[0] == IPV4_OPTION_SSRR)
			return 1;
		if (option[0] == IPV4_OPTION_NOP) {
			length -= 1;
			continue;
		}
		if (bpf_skb_load_bytes(skb, end - length + 1, option + 1, 1) || option[1] < 2)
			return 1;
		/* One that says to be longer than all of them ends past them. */
		length -= option[1];
	}
	return 0;
}

static __always_inline int read_ipv4(struct __sk_buff *skb, struct packet *packet)
{
	struct iphdr header;
	__u32 length;

	if (bpf_skb_load_bytes(skb, 0, &header, sizeof(header)))
		return -1;
	length = header.ihl * 4;
	packet->protocol = header.protocol;
	map_ipv4(&packet->source, header.saddr);
	map_ipv4(&packet->destination, header.daddr);
	packet->l4_unknown = (header.frag_off & bpf_htons(IPV4_OFFSET_MASK)) != 0;
	packet->transport = length;
	if (length > sizeof(header))
		packet->source_routed = ipv4_source_routed(skb, length - sizeof(header));
	read_ports(skb, length, packet);
	return 0;
}

/* What comes of walking over IPv6 headers. It goes in a number, as before Linux 5.12 a
 * function that the verifier looks at on its own may return nothing else. */
static __always_inline __u64 walk_result(__u32 offset, __u8 protocol, __u8 l4_unknown, __u8 source_routed)
{
	return (__u64)source_routed << 48 | (__u64)l4_unknown << 40 | (__u64)protocol << 32 | offset;
}

/* RFC 8200, section 4: each header names the next and its own length. */
__noinline __u64 walk_ipv6(struct __sk_buff *skb, __u32 kind)
{
	__u32 offset = sizeof(struct ipv6hdr);
	__u8 source_routed = 0;

	for (int i = 0; i < IPV6_HEADERS_MAX; i++) {
		__u8 header[4] = {};

		if (kind != IPPROTO_HOPOPTS && kind != IPPROTO_ROUTING && kind != IPPROTO_DSTOPTS &&
		    kind != IPPROTO_FRAGMENT)
			return walk_result(offset, kind, 0, source_routed);
		if (bpf_skb_load_bytes(skb, offset, header, sizeof(header)))
			break;
		if (kind == IPPROTO_ROUTING)
			source_routed = 1;
		if (kind == IPPROTO_FRAGMENT) {
			kind = header[0];
			/* The offset fills the first 13 of these 16 bits. */
			if (((header[2] << 8 | header[3]) & 0xfff8) != 0)
				return walk_result(offset, kind, 1, source_routed);
			offset += 8;
		} else {
			kind = header[0];
			offset += ((__u32)header[1] + 1) * 8;
		}
	}
	/* More headers than there are kinds of them, or one cut short: what they
	 * hide, a routing header for instance, is not known. */
	return walk_result(offset, IPPROTO_RAW, 1, 1);
}

static __always_inline int read_ipv6(struct __sk_buff *skb, struct packet *packet)
{
	struct ipv6hdr header;
	__u64 walk;

	if (bpf_skb_load_bytes(skb, 0, &header, sizeof(header)))
		return -1;
	__builtin_memcpy(&packet->source, &header.saddr, sizeof(packet->source));
	__builtin_memcpy(&packet->destination, &header.daddr, sizeof(packet->destination));
	walk = walk_ipv6(skb, header.nexthdr);
	packet->transport = (__u32)walk;
	packet->protocol = walk >> 32;
	packet->l4_unknown = walk >> 40 & 1;
	packet->source_routed = walk >> 48 & 1;
	read_ports(skb, (__u32)walk, packet);
	return 0;
}

/* - Returns: 0, or -1 for what is neither IPv4 nor IPv6 or is cut short. */
static __noinline int read_packet(struct __sk_buff *skb, struct packet *packet)
{
	if (!packet)
		return -1;
	if (skb->protocol == bpf_htons(ETH_P_IP))
		return read_ipv4(skb, packet);
	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		return read_ipv6(skb, packet);
	return -1;
}

#endif
