/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* A pod speaks in its own name. What packets teach (whom to reply to, what resolvers said, that a connection
 * is inbound) opens things, and the kernel itself answers whoever a packet names as its source: so a packet
 * whose source is not the pod's own does not leave its socket, by loopback neither. */
#ifndef SLUICE_SOURCES_H
#define SLUICE_SOURCES_H

#include "policy.h"
#include "sk_storage.h"

#define SOCKET_RAW 3

static __always_inline int has_own_address(__u64 pod, const struct address *address)
{
	struct sluice_own_key key = { .pod = pod };

	__builtin_memcpy(key.address, address, sizeof(key.address));
	return bpf_map_lookup_elem(&sluice_own_addresses, &key) != 0;
}

/* Whether a guard keeps the subject from where the packet says to come from. */
static __always_inline int is_guarded(const struct packet *packet, const struct subject *subject)
{
	struct sluice_rule *rule = rule_for(subject->policy_set, class_of(&packet->source));
	struct sluice_port *port;

	if (!rule || rule->action != SLUICE_BY_PORT)
		return rule && (rule->action == SLUICE_GUARD || rule->action == SLUICE_AUDIT);
	port = port_for(rule->port_set, packet->protocol, packet->l4_unknown ? 0 : packet->source_port);
	return port && (port->action == SLUICE_GUARD || port->action == SLUICE_AUDIT);
}

/* What becomes of a source that nobody has told to be the pod's own. */
enum name {
	OWN_NAME = 0,
	FOREIGN_NAME = 1,
	UNKNOWN_NAME = 2, /* waits until the pod's addresses are known */
};

/* Where the pod's addresses are not known yet, or are the host's: nobody speaks in a guard's name, and what a pod of
 * its own network namespace says in a name that it has chosen waits. */
static __always_inline int name_of_unknown(const struct packet *packet, const struct subject *subject,
					   int inside)
{
	if (is_guarded(packet, subject))
		return FOREIGN_NAME;
	if (!subject->known || subject->flags & SLUICE_POD_HOST)
		return OWN_NAME;
	return inside && same_address(&packet->source, packet->destination.bytes) ? OWN_NAME : UNKNOWN_NAME;
}

/* Whether the source is the kernel's own choice, and so an address of the namespace that the socket is in: that of a
 * socket that was never bound, by a call that named none, and that of a SYN-ACK, which is where the SYN came to. Raw
 * and ping sockets make no calls that are seen. */
static __always_inline int is_kernels_choice(struct __sk_buff *skb, const struct packet *packet,
					     const struct sluice_caller *caller)
{
	struct bpf_sock *sk = skb->sk;

	if (sk)
		sk = bpf_sk_fullsock(sk);
	if (!sk || sk->type == SOCKET_RAW ||
	    (packet->protocol != IPPROTO_TCP && packet->protocol != IPPROTO_UDP))
		return 0;
	return (is_tcp(sk) && sk->state == STATE_LISTEN) || (caller && caller->unbound);
}

/* In whose name the packet speaks.
 * - Returns: enum name. */
static __noinline int name_of_source(struct __sk_buff *skb, const struct packet *packet,
				     const struct subject *subject, const struct sluice_caller *caller,
				     int inside)
{
	struct sluice_config *cfg = read_config();

	if (!cfg || !packet || !subject)
		return FOREIGN_NAME;
	if (!(cfg->flags & SLUICE_CONFIG_SOURCES) || subject->flags & SLUICE_POD_ANY_SOURCE)
		return OWN_NAME;
	/* No interface has an IPv4-mapped address: in an IPv6 header one is forged. */
	if (skb->protocol == bpf_htons(ETH_P_IPV6) && is_mapped_ipv4(&packet->source))
		return FOREIGN_NAME;
	/* Who has no address yet asks for one outside; what it said to itself the kernel would answer outside. */
	if (subject->in_own_name || (!inside && is_unspecified(&packet->source)) ||
	    is_kernels_choice(skb, packet, caller))
		return OWN_NAME;
	if (is_loopback(&packet->source))
		return inside ? OWN_NAME : FOREIGN_NAME;
	if (subject->known && has_own_address(subject->id, &packet->source))
		return OWN_NAME;
	if (subject->flags & SLUICE_POD_ADDRESSED)
		return FOREIGN_NAME;
	return name_of_unknown(packet, subject, inside);
}

static __always_inline void count_foreign_source(__u8 verdict)
{
	__u32 index = verdict == SLUICE_VERDICT_AUDIT ? SLUICE_FOREIGN_AUDITED :
		      verdict == SLUICE_VERDICT_HELD  ? SLUICE_FOREIGN_HELD :
							SLUICE_FOREIGN_REFUSED;
	__u64 *counter = bpf_map_lookup_elem(&sluice_foreign_sources, &index);

	if (counter)
		*counter += 1;
}

/* Counts and tells of a packet in another's name. Without a frame of its own, as the stack of who calls it is
 * nearly full.
 * - Returns: enum sluice_verdict_kind; SLUICE_VERDICT_AUDIT where it is to be judged all the same. */
static __always_inline __u8 refuse_source(struct __sk_buff *skb, const struct sluice_config *cfg,
					  const struct packet *packet, const struct subject *subject,
					  struct decision *decision, const struct sluice_caller *caller,
					  int name)
{
	__u8 verdict = cfg->flags & SLUICE_CONFIG_AUDIT_SOURCES ? SLUICE_VERDICT_AUDIT :
		       name == UNKNOWN_NAME			? SLUICE_VERDICT_HELD :
								  SLUICE_VERDICT_DENIED;

	decision->action = SLUICE_GUARD;
	decision->cause = SLUICE_CAUSE_FOREIGN_SOURCE;
	verdict += opaque_zero(skb);
	count_foreign_source(verdict);
	report(packet, subject, decision, caller, verdict | SLUICE_HOOK_EGRESS << 8);
	if (verdict != SLUICE_VERDICT_AUDIT)
		count(subject->slot, verdict, skb->len, 1);
	return verdict;
}

#endif
