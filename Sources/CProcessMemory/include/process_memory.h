/* SPDX-License-Identifier: Apache-2.0 */
/* What Swift's Glibc module lacks: malloc.h, and the GNU part of link.h. */
#ifndef SLUICE_PROCESS_MEMORY_H
#define SLUICE_PROCESS_MEMORY_H

/* Has malloc hold little that it does not use (mallopt(3)). Before other threads start. */
void sluice_be_frugal(void);

/* Gives the kernel what malloc holds free (malloc_trim(3)). */
void sluice_give_back_heap(void);

/* Unmaps the pages of executables' and libraries' code (dl_iterate_phdr(3), MADV_DONTNEED);
 * what is used again comes from the page cache. */
void sluice_give_back_code(void);

#endif
