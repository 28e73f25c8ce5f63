/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "process_memory.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

void sluice_be_frugal(void)
{
	/* What one thread frees, another can use: a first sync goes through all threads' hands. */
	mallopt(M_ARENA_MAX, 1);
	/* Large tables are mapped each by itself, and so are gone once freed. By default the
	 * threshold grows with each of them, up to 32 MiB, and they leave holes in the heap. */
	mallopt(M_MMAP_THRESHOLD, 256 << 10);
	mallopt(M_TRIM_THRESHOLD, 1 << 20);
}

void sluice_give_back_heap(void)
{
	malloc_trim(0);
}

/* Only of segments that nobody can have written to: what was written would be lost. */
static int give_back_code(struct dl_phdr_info *object, size_t size, void *context)
{
	const ElfW(Addr) page = sysconf(_SC_PAGESIZE);

	(void)size;
	(void)context;
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
		ElfW(Addr) begin = (object->dlpi_addr + segment->p_vaddr) & -page;
		ElfW(Addr) end = (object->dlpi_addr + segment->p_vaddr + segment->p_filesz) & -page;

		if (segment->p_type == PT_LOAD && (segment->p_flags & (PF_X | PF_W)) == PF_X)
			madvise((void *)begin, end - begin, MADV_DONTNEED);
	}
	return 0;
}

void sluice_give_back_code(void)
{
	dl_iterate_phdr(give_back_code, 0);
}
