/* getdns as a stub resolver. */
#include <getdns/getdns.h>
#include <getdns/getdns_extra.h>
#include "send_at_once.h"

static void send_to_all(getdns_dict *answer)
{
	getdns_list *addresses;
	size_t count = 0;

	if (getdns_dict_get_list(answer, "just_address_answers", &addresses))
		return;
	getdns_list_get_length(addresses, &count);
	for (size_t i = 0; i < count; i++) {
		struct sockaddr_in6 ipv6 = { .sin6_family = AF_INET6 };
		struct sockaddr_in ipv4 = { .sin_family = AF_INET };
		getdns_dict *address;
		getdns_bindata *data;

		getdns_list_get_dict(addresses, i, &address);
		getdns_dict_get_bindata(address, "address_data", &data);
		if (data->size == sizeof(ipv4.sin_addr)) {
			memcpy(&ipv4.sin_addr, data->data, data->size);
			send_at_once((struct sockaddr *)&ipv4);
		} else if (data->size == sizeof(ipv6.sin6_addr)) {
			memcpy(&ipv6.sin6_addr, data->data, data->size);
			send_at_once((struct sockaddr *)&ipv6);
		}
	}
}

int main(int count, char **words)
{
	getdns_context *context;
	getdns_dict *answer;

	/* 1: from the system's resolv.conf. */
	if (getdns_context_create(&context, 1) ||
	    getdns_context_set_resolution_type(context, GETDNS_RESOLUTION_STUB))
		return 1;
	for (int i = 1; i < count; i++) {
		if (getdns_address_sync(context, words[i], NULL, &answer)) {
			printf("no answer\n");
			continue;
		}
		send_to_all(answer);
		getdns_dict_destroy(answer);
	}
	getdns_context_destroy(context);
	return 0;
}
