/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* Has names count for as long as a flow that they let pass is open, whether it sends anything or
 * not. An object of its own, as it asks for what some kernels lack: BTF (CONFIG_DEBUG_INFO_BTF). */
#include "dns_renewal.h"

/* struct bpf_iter__bpf_sk_storage_map: meta, map, sk, value. */
#define CONTEXT_VALUE 3

/* Asked of every socket on the machine that remembers a verdict. */
SEC("iter/bpf_sk_storage_map")
int sluice_open_flows(__u64 *context)
{
	struct sluice_verdict *v = (void *)context[CONTEXT_VALUE];

	if (v && v->named && v->verdict == SLUICE_VERDICT_ALLOWED)
		renew_names(v);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
