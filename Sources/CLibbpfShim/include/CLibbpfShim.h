/* What Swift cannot call by itself: variadic functions and va_list callbacks. */
#ifndef CLIBBPF_SHIM_H
#define CLIBBPF_SHIM_H

#include <stddef.h>

/* From here on, what libbpf logs on this thread is collected; what it logs on
 * threads that collect nothing is dropped. Nothing is ever printed. */
void sluice_log_begin(void);

/* Ends the collection.
 * - Returns: the last 64 KiB or less of the text; valid until the next call of
 *   sluice_log_begin on this thread. */
const char *sluice_log_end(void);

/* The errno's symbol, for instance "ENOENT"; "" if it has none. */
const char *sluice_errno_name(int number);

/* Returns when every eBPF program that ran at the time of the call has ended
 * (membarrier(2), MEMBARRIER_CMD_GLOBAL, which waits for an RCU grace period).
 * - Returns: 0, or a positive errno if the kernel does not offer it or it would not hold. */
int sluice_grace_period(void);

/* The magic number of the file system that holds the path (statfs(2)).
 * - Returns: the number, or -errno. */
long sluice_file_system_type(const char *path);

/* mount -t bpf, for root alone. - Returns: 0 or -errno. */
int sluice_mount_bpf(const char *path);

/* flock(2), exclusively and without waiting. - Returns: 0 or -errno. */
int sluice_lock(int descriptor);

/* Sends a datagram to this host itself, by a socket whose cookie is first noted in the
 * map `canary`: see struct sluice_canary.
 * - Parameters:
 *   - map: the map's descriptor.
 *   - procs: the file cgroup.procs of the cgroup that a child of this process is to send it
 *     from; NULL if this process is to send it itself.
 * - Returns: 0 if it was sent, or a positive errno. EPERM is what a canary should meet, but
 *   only the map says by whom. */
int sluice_send_canary(int map, const char *procs);

#endif
