/*
 * check_meaning.c: finds columns whose values changed their meaning since users came to gray
 *
 * ALTER COLUMN ... TYPE ... USING can give values another meaning (euros become cents).  The check
 * asks the questions that the way home would ask, for the users who came first.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "check/check_column.h"
#include "check/check_count.h"
#include "check/check_meaning.h"
#include "move/failed_row.h"
#include "move/home_meaning.h"
#include "postgres/query.h"
#include "postgres/role.h"
#include "postgres/subtransaction.h"
#include "release/release.h"
#include "release/twin_sql.h"
#include "user/stay.h"

/* The number of users whose way home is checked. */
#define USERS 100

/* The stay of each user who is in gray. */
#define STAYS \
	"FROM %1$s s JOIN %2$s m USING (uid) WHERE s.state IN ('on', 'stuck') AND m.xid IS NOT NULL"

/* An altered column, and the results so far. */
typedef struct Altering
{
	const Meaning *meaning; /* of the first user */
	char		  *uid;		/* a user whose way home would be refused; or null */
	char		  *key;		/* the key of a row of this user; or null */
} Altering;

typedef struct Asking
{
	const Release *release;
	const TwinSet *set;
	Counting	  *counting;
	List		  *alterings; /* Altering */
} Asking;

/*
 * Users
 */

static char **
load_users(const Release *release, uint64 *count)
{
	char **users;

	*count = query_run(psprintf("SELECT s.uid::text " STAYS
								" ORDER BY m.since::text::numeric LIMIT %3$d",
								release->state_table, release->stay_table, USERS),
					   NULL);
	users = palloc(sizeof(char *) * Max(*count, 1));
	for (uint64 i = 0; i < *count; i++)
		users[i] = query_text(i, 1);
	return users;
}

static void
arg_uid(QueryArgs *args, Oid type, char *text)
{
	Oid input;
	Oid parameter;

	getTypeInputInfo(type, &input, &parameter);
	query_arg(args, type, OidInputFunctionCall(input, text, parameter, -1));
}

static Altering *
altering_of(Asking *asking, const Meaning *meaning)
{
	Altering *altering;
	ListCell *cell;

	foreach(cell, asking->alterings)
	{
		altering = lfirst(cell);
		if (altering->meaning->column == meaning->column)
			return altering;
	}
	altering = palloc0(sizeof(Altering));
	altering->meaning = meaning;
	asking->alterings = lappend(asking->alterings, altering);
	return altering;
}

/* One query about the rows of one user. */
typedef struct Question
{
	const char *sql;
	QueryArgs  *args;
	bool		has_row;
	char	   *key;
} Question;

static void
put_question(void *arg)
{
	Question *question = arg;

	question->has_row = query_run(question->sql, question->args) > 0;
	if (question->has_row)
		question->key = query_text(0, 1);
}

/* True when the query has a row; a query that raises an error counts as empty. */
static bool
has_row(Asking *asking, Question *question)
{
	RoleSwitch before;

	role_become(&before, asking->counting->role);
	role_pin_formats(asking->counting->formats);
	if (subtransaction_read(put_question, question) != NULL)
		question->has_row = false;
	role_return(&before);
	return question->has_row;
}

static void
ask_about(Asking *asking, char *user)
{
	QueryArgs args = {0};
	Stay	 *stay;
	ListCell *cell;
	ListCell *sql;

	arg_uid(&args, asking->release->uid_type, user);
	stay = stay_load(asking->release, asking->set, &args);
	args = meaning_args(&args, stay);
	foreach(cell, meaning_list(asking->set, stay))
	{
		const Meaning *meaning = lfirst(cell);
		Altering	  *altering = altering_of(asking, meaning);

		foreach(sql, meaning->questions)
		{
			Question question = {.sql = lfirst(sql), .args = &args};

			if (altering->uid != NULL || !has_row(asking, &question))
				continue;
			altering->uid = user;
			altering->key = question.key;
		}
	}
}

/*
 * Rows of all users
 */

/* The transactions that moved rows before the column was altered, "{1234,1240}"; null: none. */
static char *
moves_before(const Asking *asking, const Meaning *meaning)
{
	const Column *column = meaning->column;
	QueryArgs	  args = {0};

	query_arg_int(&args, meaning->twin - asking->set->twins + 1);
	query_arg_int(&args, column->attnum[SIDE_PRODUCTION]);
	query_arg_int(&args, column->attnum[SIDE_GRAY]);
	query_arg(&args, XID8OID, UInt64GetDatum(column->altered[meaning->side]));
	query_run(psprintf("SELECT array_agg(moves.xid)::text FROM (SELECT m.xid::xid AS xid " STAYS
					   " AND m.since <= $4 AND (m.columns[$1] >> 16) & 65535 >= $2"
					   " AND m.columns[$1] & 65535 >= $3 LIMIT 1000) AS moves",
					   asking->release->state_table, asking->release->stay_table),
			  &args);
	return query_text(0, 1);
}

/*
 * Count the gray rows that nobody wrote since they came: all of them or, with `strange`, only the
 * rows whose value no longer fits the production row.
 */
static RowCount
count_untouched(Asking *asking, const Meaning *meaning, bool strange)
{
	const Twin	  *twin = meaning->twin;
	char		  *moves = moves_before(asking, meaning);
	StringInfoData rest;
	StringInfoData example;
	CountQuery	   query = {.relation = twin->relation[SIDE_GRAY], .alias = "g"};

	if (moves == NULL || twin->key_count == 0)
		return (RowCount){0};
	initStringInfo(&rest);
	appendStringInfo(&rest, "JOIN %s p ON ", twin->table[SIDE_PRODUCTION]);
	twin_sql_same_key(&rest, twin);
	appendStringInfo(&rest, " WHERE g.xmin = ANY (%s::pg_catalog.xid[])", quote_literal_cstr(moves));
	if (strange)
	{
		appendStringInfoString(&rest, " AND ");
		meaning_append_strange(&rest, twin, meaning->column, "k.uid");
	}
	query.rest = rest.data;
	initStringInfo(&example);
	failed_row_append_key(&example, twin, SIDE_GRAY, "g");
	query.example = example.data;
	return check_count(asking->counting, &query);
}

/*
 * Findings
 */

static char *
strange_rows(Asking *asking, const Altering *altering)
{
	RowCount untouched = count_untouched(asking, altering->meaning, true);

	if (check_count_any(&untouched))
		return psprintf("%s that nobody wrote in gray, such as %s,", check_count_rows(&untouched),
						untouched.example);
	if (altering->key == NULL)
		return psprintf("rows of user \"%s\"", altering->uid);
	return psprintf("rows of user \"%s\", such as %s,", altering->uid, altering->key);
}

static void
check_altering(Asking *asking, const Altering *altering, Findings *findings)
{
	const Meaning *meaning = altering->meaning;
	RowCount	   untouched;

	if (altering->uid != NULL)
	{
		finding_add(findings, true, meaning_column(meaning),
					psprintf("altered while users are in gray, and its values mean something else now: %s"
							 " would come home with another value",
							 strange_rows(asking, altering)),
					meaning_hint(meaning));
		return;
	}
	untouched = count_untouched(asking, meaning, false);
	if (!check_count_any(&untouched))
		check_type_altered(meaning->twin, meaning->column, findings);
}

void
check_meanings(const Release *release, const TwinSet *set, Counting *counting, Findings *findings)
{
	Asking	  asking = {.release = release, .set = set, .counting = counting};
	uint64	  count;
	char	**users;
	ListCell *cell;

	if (!release->in_cluster)
		return;
	users = load_users(release, &count);
	for (uint64 i = 0; i < count; i++)
		ask_about(&asking, users[i]);
	foreach(cell, asking.alterings)
		check_altering(&asking, lfirst(cell), findings);
}
