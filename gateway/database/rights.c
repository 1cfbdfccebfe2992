/*
 * rights.c: finds the missing rights of the gateway's role in its database, and says what to type
 */
#include "database/rights.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"

#define TEXT_BYTES 1024

/* The columns of the result. The columns of the functions follow. */
enum
{
	COLUMN_DATABASE,
	COLUMN_ROLE,
	COLUMN_ROLE_LITERAL,
	COLUMN_STANDBY,
	COLUMN_SCHEMA,
	COLUMN_SCHEMA_QUOTED,
	COLUMN_VERSION,
	COLUMN_USAGE,
	COLUMN_RELEASES,
	COLUMN_FUNCTIONS
};

/*
 * The arguments are OIDs of types, which are the same in every database: name 19, int4 23, text
 * 25, uuid 2950, pg_snapshot 5038. Functions with the same consequence if they are missing are
 * neighbours.
 */
#define MOVES "nobody is moved"
#define LEASES "moves by other gateways may be seen late"

static const struct
{
	const char	*name;
	const char	*arguments;
	RightsWeight weight;
	const char	*without;
} functions[RIGHTS_FUNCTIONS] = {
	{"gray_roster", "19", RIGHTS_HEAVY, "nothing can be loaded"},
	{"gray_changes", "5038 19", RIGHTS_LIGHT, "everything is loaded again and again"},
	{"gray_route", "25 19", RIGHTS_LIGHT, MOVES},
	{"gray_renew", "2950 5038 23 25 19", RIGHTS_LIGHT, LEASES},
	{"gray_leave", "2950 19", RIGHTS_LIGHT, LEASES},
	{"gray_announced", "2950 19", RIGHTS_LIGHT, LEASES},
	{"gray_announce", "25 2950 19", RIGHTS_LIGHT, LEASES},
	{"gray_withdraw", "25 2950 19", RIGHTS_LIGHT, LEASES},
	{"gray_route_announced", "25 2950 19", RIGHTS_LIGHT, LEASES},
};

char *
rights_sql(void)
{
	Buffer sql = {0};

	buffer_format(&sql,
				  "SELECT pg_catalog.current_database(), CURRENT_USER, pg_catalog.quote_literal(CURRENT_USER),"
				  " pg_catalog.pg_is_in_recovery(), n.nspname, pg_catalog.quote_ident(n.nspname), e.extversion,"
				  " pg_catalog.has_schema_privilege(n.oid, 'USAGE'),"
				  " (SELECT pg_catalog.has_schema_privilege(s.oid, 'USAGE') AND"
				  " pg_catalog.has_table_privilege(c.oid, 'SELECT') FROM pg_catalog.pg_class c"
				  " JOIN pg_catalog.pg_namespace s ON s.oid OPERATOR(pg_catalog.=) c.relnamespace"
				  " WHERE s.nspname OPERATOR(pg_catalog.=) 'gray' AND c.relname OPERATOR(pg_catalog.=) 'release')");
	for (size_t i = 0; i < RIGHTS_FUNCTIONS; i++)
		buffer_format(&sql,
					  ", (SELECT pg_catalog.has_function_privilege(p.oid, 'EXECUTE') FROM pg_catalog.pg_proc p"
					  " WHERE p.pronamespace OPERATOR(pg_catalog.=) n.oid"
					  " AND p.proname OPERATOR(pg_catalog.=) '%s'"
					  " AND p.proargtypes OPERATOR(pg_catalog.=) '%s'::pg_catalog.oidvector)",
					  functions[i].name, functions[i].arguments);
	buffer_text(&sql,
				" FROM (SELECT) one"
				" LEFT JOIN pg_catalog.pg_extension e ON e.extname OPERATOR(pg_catalog.=) 'pg_gray'"
				" LEFT JOIN pg_catalog.pg_namespace n"
				" ON n.oid OPERATOR(pg_catalog.=) e.extnamespace");
	buffer_append(&sql, "", 1);
	return sql.bytes;
}

static const char *
text_at(const PGresult *result, int column)
{
	return PQgetisnull(result, 0, column) ? NULL : PQgetvalue(result, 0, column);
}

static Right
right_at(const PGresult *result, int column)
{
	const char *text = text_at(result, column);

	return text == NULL ? RIGHT_MISSING : *text == 't' ? RIGHT_GIVEN : RIGHT_DENIED;
}

bool
rights_take(const PGresult *result, Rights *rights)
{
	if (PQntuples(result) != 1 || PQnfields(result) != COLUMN_FUNCTIONS + RIGHTS_FUNCTIONS)
		return false;
	*rights = (Rights){
		.database = text_at(result, COLUMN_DATABASE),
		.role = text_at(result, COLUMN_ROLE),
		.role_literal = text_at(result, COLUMN_ROLE_LITERAL),
		.standby = right_at(result, COLUMN_STANDBY) == RIGHT_GIVEN,
		.schema = text_at(result, COLUMN_SCHEMA),
		.schema_quoted = text_at(result, COLUMN_SCHEMA_QUOTED),
		.version = text_at(result, COLUMN_VERSION),
		.schema_usage = right_at(result, COLUMN_USAGE),
		.releases = right_at(result, COLUMN_RELEASES),
	};
	for (int i = 0; i < RIGHTS_FUNCTIONS; i++)
		rights->functions[i] = right_at(result, COLUMN_FUNCTIONS + i);
	return true;
}

typedef struct Telling
{
	const Rights *rights;
	void (*tell)(void *context, RightsWeight weight, const char *text);
	void *context;
} Telling;

/* Tell which object the role may not use, and the remedy. */
static void
tell_denied(const Telling *telling, Right right, RightsWeight weight, const char *what,
			const char *without)
{
	const Rights *rights = telling->rights;
	char		  text[TEXT_BYTES];

	if (right == RIGHT_GIVEN)
		return;
	if (right == RIGHT_MISSING)
		snprintf(text, sizeof(text),
				 "pg_gray %s has no %s: %s; type: ALTER EXTENSION pg_gray UPDATE;", rights->version,
				 what, without);
	else
		snprintf(text, sizeof(text),
				 "role %s has no right to use %s: %s; type: SELECT %s.gray_grant(%s, 'gateway');",
				 rights->role, what, without, rights->schema_quoted, rights->role_literal);
	telling->tell(telling->context, weight, text);
}

/* Tell of the functions from first on that have the same consequence. Return how many there are. */
static size_t
tell_functions(const Telling *telling, size_t first, Right right)
{
	Buffer names = {0};
	size_t i = first;

	for (; i < RIGHTS_FUNCTIONS && strcmp(functions[i].without, functions[first].without) == 0; i++)
	{
		if (telling->rights->functions[i] == right)
			buffer_format(&names, "%s%s", buffer_length(&names) > 0 ? ", " : "", functions[i].name);
	}
	if (buffer_length(&names) > 0)
		tell_denied(telling, right, functions[first].weight, names.bytes, functions[first].without);
	buffer_free(&names);
	return i - first;
}

void
rights_tell(const Rights *rights,
			void (*tell)(void *context, RightsWeight weight, const char *text), void *context)
{
	Telling telling = {rights, tell, context};
	char	text[TEXT_BYTES];

	if (rights->standby)
		tell(context, RIGHTS_HEAVY,
			 "the database is a standby, where nobody can be moved; name all hosts in database and add"
			 " target_session_attrs=primary");
	if (rights->schema == NULL)
	{
		snprintf(text, sizeof(text),
				 "database %s has no extension pg_gray; name another in database, or type there:"
				 " CREATE EXTENSION pg_gray;",
				 rights->database);
		tell(context, RIGHTS_HEAVY, text);
		return;
	}
	tell_denied(&telling, rights->schema_usage, RIGHTS_HEAVY, "the schema of pg_gray",
				"nothing can be loaded");
	tell_denied(&telling, rights->releases, RIGHTS_HEAVY, "gray.release", "nothing can be loaded");
	for (size_t i = 0; i < RIGHTS_FUNCTIONS;)
	{
		tell_functions(&telling, i, RIGHT_MISSING);
		i += tell_functions(&telling, i, RIGHT_DENIED);
	}
}
