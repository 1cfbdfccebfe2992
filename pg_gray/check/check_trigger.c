/*
 * check_trigger.c: finds triggers that moves do not fire, or whose arguments name production
 *
 * Moves fire no trigger.  This does no harm if the trigger sets a column of its row, since the
 * trigger of the other side has set it already.  But a log, a queue or a copy elsewhere that is fed
 * by a trigger misses the changes that come home.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "check/check_relations.h"
#include "check/check_trigger.h"
#include "check/function_body.h"
#include "postgres/partition.h"
#include "postgres/query.h"
#include "release/release.h"

/* clang-format off */

/* Our own triggers, and triggers of constraints and of partitions, are left out. */
#define APPLICATION_TRIGGER \
	" NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled IN ('O', 'A') AND p.pronamespace <> 'gray'::regnamespace"

/* Triggers by table; of a gray table, only triggers that its twin has not. */
#define SELECT_TRIGGERS \
	CHECK_RELATIONS \
	" SELECT r.oid::regclass::text, quote_ident(t.tgname), t.tgenabled = 'A', t.tgtype & 66 = 0," \
		" l.lanname, p.prosrc" \
	" FROM relation r" \
	" JOIN pg_trigger t ON t.tgrelid = r.oid" \
	" JOIN pg_proc p ON p.oid = t.tgfoid" \
	" JOIN pg_language l ON l.oid = p.prolang" \
	" WHERE" APPLICATION_TRIGGER \
	" AND t.tgtype & 28 <> 0" \
	" AND (" \
		"r.side = 'production'" \
		" OR NOT EXISTS (" \
			"SELECT 1" \
			" FROM relation o" \
			" JOIN pg_trigger w ON w.tgrelid = o.oid" \
			" WHERE o.side = 'production'" \
			" AND o.position = r.position" \
			" AND w.tgname = t.tgname" \
			" AND w.tgenabled <> 'D'))" \
	CHECK_RELATIONS_ORDER ", 2"

/*
 * Each argument of a trigger that names a table, and whether the table is a production table of the
 * release.  A name may consist of two arguments, schema and table.
 */
#define SELECT_ARGUMENTS \
	CHECK_RELATIONS \
	", place (oid) AS (" \
		"SELECT DISTINCT c.relnamespace" \
		" FROM relation r" \
		" JOIN pg_class c ON c.oid = r.oid" \
		" WHERE r.side = 'production' AND r.oid = r.root)," \
	" given AS (" \
		"SELECT r.position, r.oid, t.oid AS trigger, t.tgname, a.argument, a.place" \
		" FROM relation r" \
		" JOIN pg_trigger t ON t.tgrelid = r.oid" \
		" JOIN pg_proc p ON p.oid = t.tgfoid," \
		" regexp_split_to_table(" \
			"encode(t.tgargs, 'escape'), '\\\\000') WITH ORDINALITY AS e (escaped, place)," \
		" LATERAL (" \
			"SELECT convert_from(decode(e.escaped, 'escape'), getdatabaseencoding()), e.place" \
		") AS a (argument, place)" \
		" WHERE r.side = 'gray'" \
		" AND r.oid = r.root AND" APPLICATION_TRIGGER \
		" AND a.argument <> '')" \
	" SELECT g.oid::regclass::text, quote_ident(g.tgname), g.argument, f.oid::regclass::text," \
		" f.oid IN (SELECT oid FROM relation WHERE side = 'production')" \
	" FROM given g" \
	" JOIN pg_class f ON f.relkind IN ('r', 'p', 'v', 'm', 'f')" \
	" JOIN pg_namespace n ON n.oid = f.relnamespace" \
	" WHERE f.relnamespace IN (SELECT oid FROM place)" \
	" AND (" \
		"g.argument IN (n.nspname || '.' || f.relname, format('%I.%I', n.nspname, f.relname))" \
		" OR (" \
			"g.argument IN (f.relname, quote_ident(f.relname))" \
			" AND (" \
				"f.oid IN (SELECT oid FROM relation)" \
				" OR EXISTS (" \
					"SELECT 1" \
					" FROM given s" \
					" WHERE s.trigger = g.trigger" \
					" AND s.place <> g.place" \
					" AND s.argument = n.nspname))))" \
	" ORDER BY g.position, g.tgname, g.place, 4"

/* clang-format on */

/*
 * Triggers that moves do not fire
 */

typedef struct Names
{
	BodyName *names;
	int		  count;
} Names;

/* The names of the tables of both sides: rows that a trigger writes there are moved, too. */
static Names
names_of(const TwinSet *set)
{
	List	 *relations = NIL;
	Names	  names = {0};
	ListCell *cell;

	for (int i = 0; i < set->count; i++)
	{
		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
			relations = list_concat(lappend_oid(relations, set->twins[i].relation[side]),
									partition_all(set->twins[i].relation[side]));
	}
	names.names = palloc(sizeof(BodyName) * Max(list_length(relations), 1));
	foreach(cell, relations)
		names.names[names.count++] =
			(BodyName){.schema = get_namespace_name(get_rel_namespace(lfirst_oid(cell))),
					   .name = get_rel_name(lfirst_oid(cell))};
	qsort(names.names, names.count, sizeof(BodyName), body_compare_names);
	return names;
}

/*
 * True when the trigger function may have an effect beyond the release.  A function in C or Perl
 * can't be read: a BEFORE trigger most often sets columns, and an AFTER trigger does not.
 */
static bool
acts_elsewhere(uint64 row, const Names *names)
{
	const char *language = query_text(row, 5);

	if (query_bool(row, 3))
		return true;
	if (strcmp(language, "plpgsql") != 0 && strcmp(language, "sql") != 0)
		return query_bool(row, 4);
	return body_acts_elsewhere(query_text(row, 6), names->names, names->count);
}

static void
add_silent(const char *table, const char *triggers, int count, Findings *findings)
{
	finding_add(findings, false, pstrdup(table),
				psprintf("trigger%s %s %s not fire for rows that moves write: whatever %s told of changes, such as a log, a queue or a copy,"
						 " does not hear of what comes home",
						 count == 1 ? "" : "s", triggers, count == 1 ? "does" : "do",
						 count == 1 ? "it has" : "they have"),
				"Feed it by logical decoding, which has these rows; or bring it up to date for users who came home: SELECT uid, started FROM gray.history WHERE kind = 'migrate_back';");
}

void
check_silent_triggers(const Release *release, const TwinSet *set, Findings *findings)
{
	QueryArgs	   args = {0};
	StringInfoData triggers;
	char		  *table = NULL;
	int			   count = 0;
	Names		   names = names_of(set);
	uint64		   rows;

	query_arg_int(&args, release->id);
	rows = query_run(SELECT_TRIGGERS, &args);
	initStringInfo(&triggers);
	for (uint64 row = 0; row < rows; row++)
	{
		char *next = query_text(row, 1);

		if (!acts_elsewhere(row, &names))
			continue;
		if (table != NULL && strcmp(table, next) != 0)
		{
			add_silent(table, triggers.data, count, findings);
			resetStringInfo(&triggers);
			count = 0;
		}
		table = next;
		appendStringInfo(&triggers, "%s%s", count++ == 0 ? "" : ", ", query_text(row, 2));
	}
	if (count > 0)
		add_silent(table, triggers.data, count, findings);
}

/*
 * Arguments
 */

void
check_trigger_arguments(const Release *release, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	rows = query_run(SELECT_ARGUMENTS, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		char *trigger = query_text(row, 2);
		char *named = query_text(row, 4);
		bool  of_release = query_bool(row, 5);

		finding_add(findings, false, query_text(row, 1),
					psprintf("trigger %s is given %s: %s", trigger,
							 quote_literal_cstr(query_text(row, 3)),
							 of_release
								 ? psprintf("in gray, too, it means %s of production, unless it looks for the name by search_path",
											named)
								 : psprintf("what version 2 does goes to %s, too, which both versions share, and stays there when it is discarded",
											named)),
					psprintf("DROP TRIGGER %s ON %s; and create it anew, with the name of a table of version 2's own.",
							 trigger, query_text(row, 1)));
	}
}
