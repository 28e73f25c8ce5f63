/* The last words of a process that a signal ends. */
#ifndef SLUICE_LAST_WORDS_H
#define SLUICE_LAST_WORDS_H

/* From here on a signal that says that the program is wrong (SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE,
 * SIGSYS, SIGABRT) is told of on standard error and written to the file, before it ends the process as it
 * would have anyway. The calling thread gets a stack of its own for that.
 *
 * - file: a descriptor, which stays open; or -1.
 * - json: whether the line on standard error is JSON.
 */
void sluice_last_words_begin(int file, int json);

/* Gives the calling thread a stack for the handler, which it needs if its own is used up. */
void sluice_last_words_stack(void);

/* The signal's symbol, for instance "SIGSEGV"; "" if it is none of these. */
const char *sluice_signal_name(int number);

#endif
