/* What every client does with an address that it is told: it sends there at once, and
 * prints what became of it. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static void send_at_once(const struct sockaddr *address)
{
	struct sockaddr_storage to = { 0 };
	char text[INET6_ADDRSTRLEN];
	const void *bytes;
	socklen_t size;
	int sender, passes;

	if (address->sa_family == AF_INET6) {
		size = sizeof(struct sockaddr_in6);
		memcpy(&to, address, size);
		((struct sockaddr_in6 *)&to)->sin6_port = htons(9);
		bytes = &((struct sockaddr_in6 *)&to)->sin6_addr;
	} else {
		size = sizeof(struct sockaddr_in);
		memcpy(&to, address, size);
		((struct sockaddr_in *)&to)->sin_port = htons(9);
		bytes = &((struct sockaddr_in *)&to)->sin_addr;
	}
	sender = socket(address->sa_family, SOCK_DGRAM, 0);
	passes = connect(sender, (struct sockaddr *)&to, size) == 0 && send(sender, "x", 1, 0) == 1;
	printf("%s %s\n", inet_ntop(address->sa_family, bytes, text, sizeof(text)), passes ? "ok" : "denied");
}
