/* c-ares, as curl, Node.js and Envoy use it. */
#include <ares.h>
#include <sys/select.h>
#include "send_at_once.h"

static void answered(void *unused, int status, int timeouts, struct ares_addrinfo *found)
{
	if (status != ARES_SUCCESS) {
		printf("%s\n", ares_strerror(status));
		return;
	}
	for (struct ares_addrinfo_node *next = found->nodes; next; next = next->ai_next)
		send_at_once(next->ai_addr);
	ares_freeaddrinfo(found);
}

static void wait_for_all(ares_channel channel)
{
	fd_set readers, writers;
	struct timeval limit;
	int highest;

	for (;;) {
		FD_ZERO(&readers);
		FD_ZERO(&writers);
		highest = ares_fds(channel, &readers, &writers);
		if (!highest)
			return;
		select(highest, &readers, &writers, NULL, ares_timeout(channel, NULL, &limit));
		ares_process(channel, &readers, &writers);
	}
}

int main(int count, char **words)
{
	struct ares_addrinfo_hints hints = { .ai_family = AF_UNSPEC };
	ares_channel channel;

	if (ares_library_init(ARES_LIB_INIT_ALL) || ares_init(&channel))
		return 1;
	for (int i = 1; i < count; i++) {
		ares_getaddrinfo(channel, words[i], NULL, &hints, answered, NULL);
		wait_for_all(channel);
	}
	ares_destroy(channel);
	return 0;
}
