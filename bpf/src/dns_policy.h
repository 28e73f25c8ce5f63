/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Names behind an address: what a resolver told this pod, and what policy says of it. */
#ifndef SLUICE_DNS_POLICY_H
#define SLUICE_DNS_POLICY_H

#include "policy.h"
#include "dns_renewal.h"

/* Whether an IPv4 address (host order) is one of the internet's own: RFC 6890 and
 * its successors in IANA's registry of special addresses, and no multicast. */
static __always_inline int is_public_ipv4(__u32 address)
{
	return address >> 24 != 0 && address >> 24 != 10 && address >> 24 != 127 &&
	       address >> 22 != 0x6440 >> 6 && /* 100.64.0.0/10 */
	       address >> 16 != 0xa9fe &&      /* 169.254.0.0/16 */
	       address >> 20 != 0xac10 >> 4 && /* 172.16.0.0/12 */
	       address >> 16 != 0xc0a8 &&      /* 192.168.0.0/16 */
	       address >> 8 != 0xc00000 &&     /* 192.0.0.0/24 */
	       address >> 17 != 0xc612 >> 1 && /* 198.18.0.0/15 */
	       address >> 28 < 0xe;
}

/* The same for any address. NAT64 and 6to4 are as public as what they lead to
 * (RFC 6052, RFC 3056); of the rest 2000::/3 is all that is given out. */
static __always_inline int is_public(const struct address *address)
{
	if (is_mapped_ipv4(address))
		return is_public_ipv4(bpf_ntohl(address->words[3]));
	if (address->words[0] == bpf_htonl(0x64ff9b) && !address->words[1] && !address->words[2])
		return is_public_ipv4(bpf_ntohl(address->words[3]));
	if (bpf_ntohl(address->words[0]) >> 16 == 0x2002)
		return is_public_ipv4(bpf_ntohl(address->words[0]) << 16 |
				      bpf_ntohl(address->words[1]) >> 16);
	return address->bytes[0] >> 5 == 1;
}

/* - Returns: 0 if no entry of `sluice_dns_names` matches. */
static __always_inline __u64 class_of_name(const struct sluice_name_key *name)
{
	struct sluice_name *found = bpf_map_lookup_elem(&sluice_dns_names, name);

	return found ? found->name_class : 0;
}

/* Whether the policy set has anything to say of names of the class. */
static __always_inline int is_covered(__u64 policy_set, __u64 name_class)
{
	struct sluice_rule_key key = { .policy_set = policy_set, .address_class = name_class };

	if (!name_class)
		return 0;
	if (bpf_map_lookup_elem(&sluice_rules, &key))
		return 1;
	key.address_class |= SLUICE_CLASS_PRIVATE;
	return bpf_map_lookup_elem(&sluice_rules, &key) != 0;
}

/* Whether a name's place is before that of what decided for the address. */
static __always_inline int comes_first(struct sluice_precedence name, struct sluice_precedence base)
{
	return name.admin <= base.admin;
}

/* When a name was told, and what became of it. */
struct lifetime {
	__u64 expires_ns;
	__u64 used_ns;
};

/* Whether an answer counts: within its time, and for a while after the last flow that it
 * let pass, so that who keeps connections may open them again.
 * - Parameter grace: of the rule's policy. */
static __always_inline int still_counts(struct lifetime lifetime, __u16 grace)
{
	struct sluice_config *cfg = read_config();
	__u64 now = bpf_ktime_get_ns(), seconds = grace;

	if (lifetime.expires_ns >= now)
		return 1;
	if (!lifetime.used_ns || !cfg)
		return 0;
	if (grace == SLUICE_DEFAULT_GRACE)
		seconds = cfg->name_grace;
	return lifetime.used_ns + seconds * SECOND_NS >= now;
}

/* Whether names can change the decision: only what is denied, and only for pods
 * whose policy speaks of names. */
static __always_inline int names_matter(const struct subject *subject, const struct decision *decision)
{
	return subject->flags & SLUICE_POD_NAMES &&
	       (decision->action == SLUICE_DENY || decision->action == SLUICE_GUARD ||
		decision->action == SLUICE_AUDIT);
}

static __always_inline void overrule(struct decision *decision, __u64 cause)
{
	decision->action = decision->action == SLUICE_DENY ? SLUICE_ALLOW : SLUICE_ALLOW_GUARDED;
	decision->cause = cause;
	decision->named = 1;
}

/* What is asked of names. It goes in a number, as before Linux 5.12 a function that the
 * verifier looks at on its own may be given nothing else. */
struct named_flow {
	struct sluice_precedence base; /* of what decided for the address */
	__be16 port;
	__u8 protocol;
	__u8 action : 4; /* that it came to */
	__u8 l4_unknown : 1;
	__u8 grace : 1;	 /* names count past their time */
	__u8 leaves : 1; /* a packet leaves: what lets it pass is in use */
	__u8 zero : 1;
};

static __always_inline struct named_flow named_flow_of(const struct packet *packet,
						       const struct decision *decision)
{
	struct named_flow flow = {
		.base = decision->names,
		.port = packet->destination_port,
		.protocol = packet->protocol,
		.action = decision->action,
		.l4_unknown = packet->l4_unknown,
	};

	return flow;
}

static __always_inline __u64 packed(struct named_flow flow)
{
	__u64 number;

	__builtin_memcpy(&number, &flow, sizeof(number));
	return number;
}

static __always_inline int lets_pass(__u32 action)
{
	return action == SLUICE_ALLOW || action == SLUICE_ALLOW_GUARDED;
}

/* - Returns: the cause, if a rule for the class lets the packet pass, comes before
 *   what decided for its address and still believes the answer; else 0. */
static __always_inline __u64 allowed_by_class(const struct sluice_rule_key *key,
					      const struct named_flow *flow, struct lifetime lifetime)
{
	struct sluice_rule *rule = bpf_map_lookup_elem(&sluice_rules, key);
	struct sluice_port *port;

	if (!rule)
		return 0;
	if (lets_pass(rule->action))
		return comes_first(rule->names, flow->base) &&
				       (flow->grace || still_counts(lifetime, rule->names.grace)) ?
			       rule->cause :
			       0;
	if (rule->action != SLUICE_BY_PORT || flow->l4_unknown)
		return 0;
	port = port_for(rule->port_set, flow->protocol, flow->port);
	if (!port || !lets_pass(port->action))
		return 0;
	return comes_first(port->names, flow->base) &&
			       (flow->grace || still_counts(lifetime, port->names.grace)) ?
		       port->cause :
		       0;
}

/* Asks the names that the pod was given for the destination.
 *
 * An address that is not public, or guarded, is opened only by those rules whose
 * policy wants that: whoever runs a domain may answer with any address.
 * - Parameter key: has the namespace and the destination, which need no other place on the stack.
 * - Returns: the cause of what lets it pass, or 0. */
static __always_inline __u64 ask_names(struct sluice_learned_key *key, __u64 policy_set,
				       const struct named_flow *flow)
{
	struct sluice_rule_key rule_key = { .policy_set = policy_set };
	__u64 suffix = 0, cause;

	if (flow->action != SLUICE_DENY || !is_public((const struct address *)key->address))
		suffix = SLUICE_CLASS_PRIVATE;
	/* The last turn asks for what was heard before a rule covered it. */
	for (__u32 i = 0; i <= SLUICE_NAMES_PER_ADDRESS; i++) {
		struct sluice_learned *entry, *again, *kept;
		struct lifetime lifetime;

		key->index = i < SLUICE_NAMES_PER_ADDRESS ? i : 0;
		entry = i < SLUICE_NAMES_PER_ADDRESS ? bpf_map_lookup_elem(&sluice_dns_allowed, key) :
						       bpf_map_lookup_elem(&sluice_dns_seen, key);
		if (!entry)
			continue;
		/* That the same was found again does not tell older verifiers that something was. */
		kept = entry;
		asm volatile("" : "+r"(kept));
		lifetime.expires_ns = entry->expires_ns;
		lifetime.used_ns = entry->used_ns;
		rule_key.address_class = class_of_name(&entry->name);
		/* The map gives the memory of what it forgets to others at once: what was
		 * read counts if it still stands in the same place. */
		again = i < SLUICE_NAMES_PER_ADDRESS ? bpf_map_lookup_elem(&sluice_dns_allowed, key) :
						       bpf_map_lookup_elem(&sluice_dns_seen, key);
		if (again != entry || !rule_key.address_class)
			continue;
		rule_key.address_class |= suffix;
		cause = allowed_by_class(&rule_key, flow, lifetime);
		if (!cause)
			continue;
		/* Were it another's by now, that one is fresh anyway. */
		if (flow->leaves)
			kept->used_ns = bpf_ktime_get_ns();
		return cause;
	}
	return 0;
}

/* The same for egress.
 * - Parameter packed_flow: struct named_flow. */
__noinline __u64 allowed_by_name(struct __sk_buff *skb, __u64 policy_set, __u64 netns, __u64 packed_flow)
{
	struct sluice_learned_key key = { .netns = netns };
	struct address *destination = (struct address *)key.address;
	struct named_flow flow;
	__be32 ipv4;

	__builtin_memcpy(&flow, &packed_flow, sizeof(flow));
	if (skb->protocol == bpf_htons(ETH_P_IP)) {
		if (bpf_skb_load_bytes(skb, __builtin_offsetof(struct iphdr, daddr), &ipv4, sizeof(ipv4)))
			return 0;
		map_ipv4(destination, ipv4);
	} else if (bpf_skb_load_bytes(skb, __builtin_offsetof(struct ipv6hdr, daddr), destination,
				      sizeof(*destination))) {
		return 0;
	}
	return ask_names(&key, policy_set, &flow);
}

#endif
