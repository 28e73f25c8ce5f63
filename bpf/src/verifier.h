/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* What the kernel's verifier asks of these programs, from Linux 5.10 on, and the helpers for it.
 *
 * - It follows each combination of what it knows by itself, up to a million instructions a program. Where branches
 *   join that differ in a number that they know, it goes on once for each. Adding opaque_zero to such a number
 *   makes the branches alike, and one of them is enough (`hide_from_verifier` in egress.h).
 * - A flag is worth arithmetic instead of a branch: both sides of each branch are followed.
 * - `static __noinline` functions share the 512 bytes of stack of one call chain; each caller's frame counts. They
 *   may take pointers, and are followed anew at each call.
 * - Functions that are not static are followed once, whoever calls. Before Linux 5.12 they take and return numbers
 *   only, so arguments are packed into one (`packed` in dns_policy.h).
 * - A pointer that a function gets may be null for the verifier: each such function asks.
 * - Loops have a constant bound. Without bpf_loop, which is younger than 5.10, the body is followed each time.
 * - An index or a size must have its bounds where it is used. The compiler may know them from elsewhere and leave
 *   the check out, or mask half a register, of which older verifiers make nothing: `asm volatile("" : "+r"(x))`
 *   has it forget what it knows, and `bounded` gives a size a form that all take.
 * - A map's value that may be null must be compared with null itself: that the same was found once more tells
 *   older verifiers nothing.
 * - A lock is held for plain loads and stores alone, without calls.
 */
#ifndef SLUICE_VERIFIER_H
#define SLUICE_VERIFIER_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* A size from 1 to `limit`, a power of two, in the form that all verifiers see.
 * - Parameter size: from 1 to `limit` already. */
static __always_inline __u32 bounded(__u32 size, __u32 limit)
{
	size -= 1;
	asm volatile("" : "+r"(size));
	return (size & (limit - 1)) + 1;
}

/* Zero, which the verifier takes for any number. It follows each number that it knows
 * on a way of its own; added to one, this puts the ways together. */
static __always_inline __u32 opaque_zero(struct __sk_buff *skb)
{
	__u32 some = skb->len, others = ~some;

	asm volatile("" : "+r"(some), "+r"(others));
	return some & others;
}

#endif
