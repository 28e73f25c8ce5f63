/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The packet-socket guard that send below the hooks of sluice.bpf.c. An object of its own, as it asks
 * for what many kernels lack: Linux 6.0, BTF, and BPF among the active security modules. */
#include "lsm.h"

/* What a lsm_cgroup program returns: 0 fails the call with EPERM. */
#define SOCKET_REFUSE 0
#define SOCKET_PROCEED 1

/* int socket_create(int family, int type, int protocol, int kern): kern says that the
 * kernel makes the socket for itself. */
SEC("lsm_cgroup/socket_create")
int sluice_socket_create(__u64 *arguments)
{
	__u32 family = arguments[0], protocol = arguments[2], kern = arguments[3], zero = 0;
	struct sluice_config *cfg;
	struct sluice_pod *pod;
	__u8 refused;
	__u64 id;

	if (kern || is_covered(family, protocol))
		return SOCKET_PROCEED;
	cfg = bpf_map_lookup_elem(&sluice_config, &zero);
	if (!cfg)
		return SOCKET_REFUSE;
	pod = find_pod(0, cfg, &id);
	if (!pod)
		id = bpf_get_current_cgroup_id();
	if (pod && pod->flags & SLUICE_POD_ANY_SOCKET)
		return SOCKET_PROCEED;
	refused = !(cfg->flags & SLUICE_CONFIG_AUDIT_SOCKETS);
	record_denied_socket(id, family, refused);
	return refused ? SOCKET_REFUSE : SOCKET_PROCEED;
}

/* Shows whether the kernel asks such programs at all. */
SEC("lsm_cgroup/socket_create")
int sluice_socket_probe(__u64 *arguments)
{
	__u32 zero = 0;
	__u64 *count = bpf_map_lookup_elem(&sluice_probed_sockets, &zero);

	if (count)
		__atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
	return SOCKET_PROCEED;
}

char LICENSE[] SEC("license") = "GPL";
