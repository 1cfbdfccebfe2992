/*
 * conninfo.h: what the setting database says
 *
 * Read by libpq itself, with the environment and the services that it leads to.
 */
#ifndef CONNINFO_H
#define CONNINFO_H

#include "host_list.h"

#define CONNINFO_PROBLEM_BYTES 256

typedef struct Conninfo
{
	HostList hosts;		 /* owned; as conninfo_free */
	unsigned connect_ms; /* how long one attempt at one address may take */
} Conninfo;

/*
 * On false, problem says why, without a word of what is in the string, and nothing is owned.
 * Does not block but for the file of a service.
 */
extern bool conninfo_read(const char *text, Conninfo *conninfo, char *problem);
extern void conninfo_free(Conninfo *conninfo);

#endif /* CONNINFO_H */
