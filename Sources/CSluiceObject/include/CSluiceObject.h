#ifndef CSLUICE_OBJECT_H
#define CSLUICE_OBJECT_H

#include <stddef.h>

/* The compiled eBPF programs, an ELF file, as `make bpf` leaves it. */
extern const unsigned char *sluice_object_bytes(size_t *size);

#endif
