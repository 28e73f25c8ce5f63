#define _GNU_SOURCE
#include "last_words.h"

#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static const struct { int number; const char *name; } fatal[] = {
	{ SIGSEGV, "SIGSEGV" }, { SIGBUS, "SIGBUS" }, { SIGILL, "SIGILL" }, { SIGTRAP, "SIGTRAP" },
	{ SIGFPE, "SIGFPE" }, { SIGSYS, "SIGSYS" }, { SIGABRT, "SIGABRT" },
};

static int last_words = -1;
static int is_json;

const char *sluice_signal_name(int number)
{
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		if (fatal[i].number == number)
			return fatal[i].name;
	return "";
}

struct line {
	char bytes[256];
	size_t length;
};

static void add(struct line *line, const char *text)
{
	while (*text && line->length < sizeof(line->bytes))
		line->bytes[line->length++] = *text++;
}

static void add_number(struct line *line, unsigned long number)
{
	char digits[24];
	size_t i = sizeof(digits) - 1;

	digits[i] = 0;
	do
		digits[--i] = '0' + number % 10;
	while (number /= 10);
	add(line, digits + i);
}

static void put(int file, const struct line *line)
{
	if (file < 0)
		return;
	if (write(file, line->bytes, line->length) < 0)
		return;
}

/* Only what signal-safety(7) lists is called. The signal comes again once this returns, and then ends the
 * process (SA_RESETHAND): at once if an instruction raised it, else by raise(3). */
static void tell(int number)
{
	struct line words = { .length = 0 };
	struct line record = { .length = 0 };
	struct timespec now = { 0 };

	clock_gettime(CLOCK_REALTIME, &now);
	add_number(&record, (unsigned long)number);
	add(&record, " ");
	add_number(&record, (unsigned long)now.tv_sec);
	add(&record, "\n");
	put(last_words, &record);

	add(&words, is_json ? "{\"level\":\"critical\",\"message\":\"" : "critical: ");
	add(&words, "ended by signal ");
	add_number(&words, (unsigned long)number);
	add(&words, " (");
	add(&words, sluice_signal_name(number));
	add(&words, ") ");
	add_number(&words, (unsigned long)now.tv_sec);
	add(&words, " s after 1970 began; enforcement stays in place");
	add(&words, is_json ? "\"}\n" : "\n");
	put(STDERR_FILENO, &words);
	raise(number);
}

void sluice_last_words_stack(void)
{
	const size_t size = 64 << 10;
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t stack = { .ss_sp = memory, .ss_size = size };

	if (memory != MAP_FAILED)
		sigaltstack(&stack, NULL);
}

void sluice_last_words_begin(int file, int json)
{
	struct sigaction action = { .sa_handler = tell, .sa_flags = SA_ONSTACK | SA_RESETHAND };

	last_words = file;
	is_json = json;
	sluice_last_words_stack();
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		sigaction(fatal[i].number, &action, NULL);
}
