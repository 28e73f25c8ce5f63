#ifndef CSLUICE_OBJECT_H
#define CSLUICE_OBJECT_H

#include <stddef.h>

/* The compiled eBPF programs, an ELF file, as `make bpf` leaves it. */
extern const unsigned char *sluice_object_bytes(size_t *size);

/* The packet-socket guard, likewise: an object of its own, as not every kernel takes it. */
extern const unsigned char *sluice_lsm_object_bytes(size_t *size);

/* What keeps names for open flows, likewise. */
extern const unsigned char *sluice_flows_object_bytes(size_t *size);

#endif
