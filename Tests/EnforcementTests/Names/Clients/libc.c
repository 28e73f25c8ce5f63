/* The C library's resolver, glibc's or musl's: A and AAAA by one call. */
#include <netdb.h>
#include "send_at_once.h"

int main(int count, char **words)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM }, *found;

	for (int i = 1; i < count; i++) {
		int error = getaddrinfo(words[i], NULL, &hints, &found);

		if (error) {
			printf("%s\n", gai_strerror(error));
			continue;
		}
		for (struct addrinfo *next = found; next; next = next->ai_next)
			send_at_once(next->ai_addr);
		freeaddrinfo(found);
	}
	return 0;
}
