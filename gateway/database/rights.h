/*
 * rights.h: what the gateway's role needs in its database, and what to type where that is missing
 *
 * Pure, but for results of libpq.
 */
#ifndef GATEWAY_DATABASE_RIGHTS_H
#define GATEWAY_DATABASE_RIGHTS_H

#include <libpq-fe.h>
#include <stdbool.h>

#define RIGHTS_FUNCTIONS 9

typedef enum Right
{
	RIGHT_MISSING, /* there is no such thing */
	RIGHT_DENIED,
	RIGHT_GIVEN
} Right;

/* Texts are borrowed from the result that was taken. */
typedef struct Rights
{
	const char *database;
	const char *role;
	const char *role_literal;
	bool		standby;
	const char *schema; /* NULL: the extension is not there */
	const char *schema_quoted;
	const char *version;
	Right		schema_usage;
	Right		releases;
	Right		functions[RIGHTS_FUNCTIONS];
} Rights;

/* The statement that asks; owned by the caller.  Every role may. */
extern char *rights_sql(void);

/* False: the result is not one of it. */
extern bool rights_take(const PGresult *result, Rights *rights);

typedef enum RightsWeight
{
	RIGHTS_HEAVY, /* no roster can be loaded */
	RIGHTS_LIGHT  /* requests are answered, but not as well as they should be */
} RightsWeight;

/* Calls for each thing that is missing; the text, good for that call, says what to type. */
extern void rights_tell(const Rights *rights,
						void (*tell)(void *context, RightsWeight weight, const char *text),
						void *context);

#endif /* GATEWAY_DATABASE_RIGHTS_H */
