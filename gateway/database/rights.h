/*
 * rights.h: finds the missing rights of the gateway's role in its database, and says what to type
 *
 * Pure, except for results of libpq.
 */
#ifndef GATEWAY_DATABASE_RIGHTS_H
#define GATEWAY_DATABASE_RIGHTS_H

#include <libpq-fe.h>
#include <stdbool.h>

#define RIGHTS_FUNCTIONS 9

typedef enum Right
{
	RIGHT_MISSING, /* the database has no such object */
	RIGHT_DENIED,
	RIGHT_GIVEN
} Right;

/* Texts are borrowed from the result that rights_take read. */
typedef struct Rights
{
	const char *database;
	const char *role;
	const char *role_literal;
	bool		standby;
	const char *schema; /* NULL: the extension is missing */
	const char *schema_quoted;
	const char *version;
	Right		schema_usage;
	Right		releases;
	Right		functions[RIGHTS_FUNCTIONS];
} Rights;

/* Return the statement that asks for the rights. The caller owns it. Every role may run it. */
extern char *rights_sql(void);

/* Read the result of the statement. False if it is no such result. */
extern bool rights_take(const PGresult *result, Rights *rights);

typedef enum RightsWeight
{
	RIGHTS_HEAVY, /* no roster can be loaded */
	RIGHTS_LIGHT  /* requests are answered, but not as well as they should be */
} RightsWeight;

/* Call tell for each missing right. The text says what to type, and is good for that call. */
extern void rights_tell(const Rights *rights,
						void (*tell)(void *context, RightsWeight weight, const char *text),
						void *context);

#endif /* GATEWAY_DATABASE_RIGHTS_H */
