/*
 * uid_form.c: the gateway's canonical form of uids, to compare with PostgreSQL's
 *
 * Reads lines of a type and the value as hex, with a tab between them; writes
 * for each the canonical form as hex, or - where the value is no uid.  The server's
 * version, as server_version_num has it, is given on the command line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "user/uid.h"

static void
take_hex(const char *hex, Uid *uid)
{
	unsigned byte;

	uid->length = 0;
	while (uid->length < UID_MAX_BYTES && sscanf(hex + 2 * uid->length, "%2x", &byte) == 1)
		uid->bytes[uid->length++] = (char) byte;
	uid->bytes[uid->length] = '\0';
}

int
main(int argc, char **argv)
{
	char line[2 * UID_MAX_BYTES + 100];
	int	 version = argc > 1 ? atoi(argv[1]) : 0;

	while (fgets(line, sizeof(line), stdin) != NULL)
	{
		char *tab = strchr(line, '\t');
		Uid	  uid;

		if (tab == NULL)
			return EXIT_FAILURE;
		take_hex(tab + 1, &uid);
		if (!uid_canonical(uid_type_parse((Span){line, (size_t) (tab - line)}, version), &uid))
			printf("-");
		else
		{
			for (size_t i = 0; i < uid.length; i++)
				printf("%02x", (unsigned char) uid.bytes[i]);
		}
		printf("\n");
	}
	return EXIT_SUCCESS;
}
