/*
 * proxy_protocol_fuzz.c: a header in front of a client's first byte
 *
 * It means the same in one piece and byte by byte.
 */
#include "fuzz.h"

#include "net/proxy_protocol.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sockaddr_storage client = {0};
	struct sockaddr_storage client_bytewise = {0};
	size_t					used = 0;
	size_t					used_bytewise = 0;
	const char			   *problem = NULL;
	ProxyResult result = proxy_header((const char *) data, size, &used, &client, &problem);
	ProxyResult bytewise = PROXY_MORE;

	for (size_t i = 1; i <= size && bytewise == PROXY_MORE; i++)
		bytewise = proxy_header((const char *) data, i, &used_bytewise, &client_bytewise, &problem);
	PROMISE(size == 0 || bytewise == result);
	PROMISE(result != PROXY_BAD || problem != NULL);
	if (result == PROXY_COMPLETE)
	{
		PROMISE(used > 0 && used <= size && used == used_bytewise);
		PROMISE(memcmp(&client, &client_bytewise, sizeof(client)) == 0);
	}
	return 0;
}
