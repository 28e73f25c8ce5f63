/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Who is it, then may I: two look-ups, and one more where ports matter. */
#ifndef SLUICE_POLICY_H
#define SLUICE_POLICY_H

#include "maps.h"
#include "packet.h"

/* Whose packet it is. */
struct subject {
	__u64 id; /* the pod's cgroup id, or the socket's own if no pod is known */
	__u64 policy_set;
	__u32 flags;
	__u32 slot;
	__u8 known;
	__u8 own;	  /* the far end is one of the pod's own addresses */
	__u8 in_own_name; /* the near end is one of those in `sluice_pods` */
};

struct decision {
	__u64 address_class;
	__u64 cause;
	__u32 action;	  /* enum sluice_action, but SLUICE_BY_PORT */
	__u32 generation; /* of the tables that said so, or an earlier one */
	struct sluice_precedence names;
	__u8 named; /* a name has the last word */
};

static __always_inline struct sluice_config *read_config(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&sluice_config, &key);
}

static __always_inline int is_own(const struct sluice_pod *pod, const struct address *address)
{
	return same_address(address, pod->own_v4) || same_address(address, pod->own_v6);
}

/* - Parameter near: the packet's end at the pod; 0 where it is not known. */
static __always_inline void fill_subject(struct subject *subject, __u64 id, const struct sluice_pod *pod,
					 const struct address *far, const struct address *near)
{
	subject->id = id;
	subject->policy_set = pod->policy_set[SLUICE_OUTBOUND];
	subject->flags = pod->flags;
	subject->slot = pod->slot;
	subject->known = 1;
	subject->own = is_own(pod, far);
	if (near)
		subject->in_own_name = is_own(pod, near);
}

static __always_inline void fill_unknown(struct subject *subject, __u64 id)
{
	subject->id = id;
	subject->policy_set = SLUICE_SET_GUARDS_ONLY;
}

static __always_inline __u64 class_of(const struct address *destination)
{
	struct sluice_address_key key = { .prefixlen = 128 };
	struct sluice_address *found;

	__builtin_memcpy(key.address, destination, sizeof(key.address));
	found = bpf_map_lookup_elem(&sluice_addresses, &key);
	return found ? found->address_class : SLUICE_CLASS_OTHER;
}

static __always_inline struct sluice_rule *rule_for(__u64 policy_set, __u64 address_class)
{
	struct sluice_rule_key key = { .policy_set = policy_set, .address_class = address_class };
	struct sluice_rule *rule = bpf_map_lookup_elem(&sluice_rules, &key);

	if (rule)
		return rule;
	key.address_class = SLUICE_CLASS_OTHER;
	return bpf_map_lookup_elem(&sluice_rules, &key);
}

static __always_inline struct sluice_port *port_for(__u64 port_set, __u8 protocol, __be16 port)
{
	struct sluice_port_key key = {
		.prefixlen = SLUICE_PORT_PROTOCOL + 16,
		.port_set = { (__u32)port_set, (__u32)(port_set >> 32) },
		.protocol = protocol,
		.port = has_ports(protocol) ? port : 0,
	};

	return bpf_map_lookup_elem(&sluice_ports, &key);
}

/* Judges one destination. Every way out that nobody chose denies. */
static __noinline int judge(const struct packet *packet, __u64 policy_set, struct decision *decision)
{
	struct sluice_rule *rule;
	struct sluice_port *port;

	if (!packet || !decision)
		return 0;
	decision->action = SLUICE_DENY;
	decision->cause = 0;
	decision->address_class = class_of(&packet->destination);
	rule = rule_for(policy_set, decision->address_class);
	if (!rule)
		return 0;
	decision->cause = rule->cause;
	decision->names = rule->names;
	if (rule->action != SLUICE_BY_PORT) {
		decision->action = rule->action;
	} else if (!packet->l4_unknown) {
		port = port_for(rule->port_set, packet->protocol, packet->destination_port);
		if (port) {
			decision->action = port->action;
			decision->cause = port->cause;
			decision->names = port->names;
		}
	}
	return 0;
}

/* From what the tables say to what becomes of the packet. */
static __always_inline __u8 verdict_for(const struct sluice_config *cfg, const struct subject *subject,
					const struct decision *decision)
{
	if (decision->action == SLUICE_ALLOW || decision->action == SLUICE_ALLOW_GUARDED)
		return SLUICE_VERDICT_ALLOWED;
	if (decision->action == SLUICE_AUDIT)
		return SLUICE_VERDICT_AUDIT;
	if (decision->action == SLUICE_GUARD)
		return SLUICE_VERDICT_DENIED;
	if (cfg->flags & SLUICE_CONFIG_AUDIT || subject->flags & SLUICE_POD_AUDIT)
		return SLUICE_VERDICT_AUDIT;
	return SLUICE_VERDICT_DENIED;
}

#endif
