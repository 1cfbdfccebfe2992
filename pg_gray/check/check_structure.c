/*
 * check_structure.c: finds differences by which one side refuses, hides or loses rows
 *
 *   constraints   constraints of production that gray lacks
 *   hidden        names that mean something else to version 2, which looks into the gray schema
 *                 first and then into the schemas of production's tables
 *   storage       UNLOGGED gray tables: a crash empties them, and the missing rows would count as
 *                 deleted by the user, and would be deleted at home
 *   uid           columns that can no longer hold the uids of the release
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "check/check_relations.h"
#include "check/check_structure.h"
#include "clone/view.h"
#include "clone/view_reader.h"
#include "postgres/query.h"
#include "release/release.h"
#include "structure/diff.h"
#include "structure/difference.h"
#include "user/uid.h"

static bool
is_constraint(const Difference *difference)
{
	static const char unique[] = "CREATE UNIQUE INDEX ";

	if (difference->subject != DIFF_PIECE)
		return false;
	switch (difference->piece)
	{
		case PIECE_INDEX:
			return strncmp(difference->create[SIDE_PRODUCTION], unique, strlen(unique)) == 0;
		case PIECE_CONSTRAINT:
		case PIECE_FOREIGN_KEY:
			return true;
		default:
			return false;
	}
}

/*
 * The demand of a constraint on a row: the definition without the constraint's name, its actions,
 * the time of the check, and whether existing rows or children are checked.
 */
static char *
demand(const Difference *difference, Side side)
{
	static const char *const tails[] = {" NOT VALID",		   " NO INHERIT",
										" INITIALLY DEFERRED", " DEFERRABLE",
										" ON DELETE CASCADE",  " ON DELETE RESTRICT",
										" ON UPDATE CASCADE",  " ON UPDATE RESTRICT",
										" ON UPDATE SET NULL", " ON UPDATE SET DEFAULT",
										" ON DELETE SET NULL", " ON DELETE SET DEFAULT"};
	char					*name = psprintf(" %s ", quote_identifier(difference->name));
	char					*text = strstr(difference->create[side], name);
	int						 length;

	if (text == NULL)
		return NULL;
	text = pstrdup(text + strlen(name));
	length = strlen(text);
	for (int i = 0; i < (int) lengthof(tails); i++)
	{
		int tail = strlen(tails[i]);

		if (length >= tail && strcmp(text + length - tail, tails[i]) == 0)
		{
			text[length -= tail] = '\0';
			i = -1;
		}
	}
	return text;
}

static bool
demands_the_same(const Difference *production, const Difference *gray)
{
	char *left = demand(production, SIDE_PRODUCTION);
	char *right = demand(gray, SIDE_GRAY);

	return left != NULL && right != NULL && strcmp(left, right) == 0;
}

/* True when a gray constraint demands the same of new rows, perhaps under another name. */
static bool
is_kept(const List *differences, const Difference *production)
{
	ListCell *cell;

	foreach(cell, differences)
	{
		const Difference *gray = lfirst(cell);

		if (gray->create[SIDE_GRAY] != NULL && strcmp(gray->table, production->table) == 0 &&
			gray->piece == production->piece && demands_the_same(production, gray))
			return true;
	}
	return false;
}

/* Gray-only constraints get no warning: the upgrade means to refuse rows that violate them. */
static void
check_constraint(const List *differences, const Difference *difference, Findings *findings)
{
	if (!difference->in_production || !is_constraint(difference) || is_kept(differences, difference))
		return;
	finding_add(findings, false, pstrdup(difference->table),
				psprintf("%s %s is %s: what gray takes may be refused on the way home",
						 difference_kind_name(difference), difference->name,
						 difference->in_gray ? "another than in production" : "missing"),
				difference->undo);
}

static List *
production_tables(const TwinSet *set)
{
	List *tables = NIL;

	for (int i = 0; i < set->count; i++)
		tables = lappend_oid(tables, set->twins[i].relation[SIDE_PRODUCTION]);
	return tables;
}

static void
check_identities(const TwinSet *set, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_oids(&args, production_tables(set));
	rows = query_run("SELECT t.place, a.attname FROM unnest($1) WITH ORDINALITY AS t (oid, place)"
					 " JOIN pg_attribute a ON a.attrelid = t.oid"
					 " WHERE a.attidentity = 'a' AND a.attnum > 0 AND NOT a.attisdropped"
					 " ORDER BY t.place, a.attnum",
					 &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, false, pstrdup(set->twins[query_count(row, 1) - 1].table[SIDE_GRAY]),
					psprintf("column %s is GENERATED ALWAYS in production; in gray it draws from the same sequence, but takes other values too",
							 quote_identifier(query_text(row, 2))),
					"Nothing to do if version 2 leaves the column out of its INSERTs.");
}

void
check_structure(const Release *release, const TwinSet *set, Findings *findings)
{
	List	 *differences = diff_load_refusing(release, set);
	ListCell *cell;

	foreach(cell, differences)
		check_constraint(differences, lfirst(cell), findings);
	check_identities(set, findings);
}

/* clang-format off */

/*
 * Gray hides the twins of its tables, their partitions, the views that read them ($2) and the
 * bookkeeping of migration runners, with its sequences, on purpose.  Indexes and row types of tables are left out, since nobody looks them up by name.
 */
#define KIND(relation) \
	"CASE " relation ".relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'" \
	" ELSE 'table' END"

#define SELECT_HIDDEN \
	CHECK_RELATIONS \
	", place (oid) AS (" \
		"SELECT DISTINCT c.relnamespace" \
		" FROM relation r" \
		" JOIN pg_class c ON c.oid = r.oid" \
		" WHERE r.side = 'production' AND r.oid = r.root)," \
	" intended (oid) AS (" \
		"SELECT oid FROM relation WHERE side = 'production' UNION SELECT unnest($2))," \
	" copied (oid) AS (" \
		"SELECT to_regclass(gray)::oid FROM gray.copied_table WHERE release_id = $1)," \
	" own (oid) AS (" \
		"SELECT oid FROM copied WHERE oid IS NOT NULL UNION SELECT d.objid FROM copied JOIN pg_depend d" \
		" ON d.refclassid = 'pg_class'::regclass AND d.refobjid = copied.oid AND d.refobjsubid > 0" \
		" AND d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))," \
	" hidden (name, kind, shared, shared_kind) AS (" \
		"SELECT g.oid::regclass::text, " KIND("g") ", s.oid::regclass::text, " KIND("s") \
		" FROM pg_class g" \
		" JOIN pg_namespace n ON n.oid = g.relnamespace" \
		" JOIN pg_class s ON s.relname = g.relname AND s.relnamespace IN (SELECT oid FROM place)" \
		" WHERE n.nspname = $3" \
		" AND g.relkind NOT IN ('i', 'I', 't', 'c')" \
		" AND s.relkind NOT IN ('i', 'I', 't', 'c')" \
		" AND s.oid NOT IN (SELECT oid FROM intended)" \
		" AND g.oid NOT IN (SELECT oid FROM own)" \
		" UNION ALL SELECT g.oid::regtype::text, 'type', s.oid::regtype::text, 'type'" \
		" FROM pg_type g" \
		" JOIN pg_namespace n ON n.oid = g.typnamespace" \
		" JOIN pg_type s ON s.typname = g.typname AND s.typnamespace IN (SELECT oid FROM place)" \
		" LEFT JOIN pg_class gc ON gc.oid = g.typrelid" \
		" LEFT JOIN pg_class sc ON sc.oid = s.typrelid" \
		" WHERE n.nspname = $3" \
		" AND g.typelem = 0" \
		" AND s.typelem = 0" \
		" AND coalesce(gc.relkind, 'c') = 'c'" \
		" AND coalesce(sc.relkind, 'c') = 'c')" \
	" SELECT *, upper(kind)," \
		" CASE WHEN kind = 'sequence' AND shared_kind = 'sequence' THEN 'numbers are given out twice'" \
		" WHEN kind = 'type' THEN 'a value of one is none of the other'" \
		" ELSE 'what is in one is not in the other' END" \
	" FROM hidden" \
	" ORDER BY 1, 3"

/* clang-format on */

void
check_hidden(const ViewPlan *plan, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, plan->release->id);
	query_arg_oids(&args, reader_relations(plan->readers));
	query_arg_text(&args, plan->release->gray_schema);
	rows = query_run(SELECT_HIDDEN, &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, false, query_text(row, 1),
					psprintf("this %s hides %s %s from version 2, and is no twin of it: %s",
							 query_text(row, 2), query_text(row, 4), query_text(row, 3),
							 query_text(row, 6)),
					psprintf("ALTER %s %s RENAME TO ...; unless version 2 is to have its own.",
							 query_text(row, 5), query_text(row, 1)));
}

void
check_storage(const Release *release, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	rows =
		query_run(CHECK_RELATIONS
				  " SELECT r.oid::regclass::text FROM relation r JOIN pg_class c ON c.oid = r.oid"
				  " WHERE r.side = 'gray' AND c.relkind = 'r' AND c.relpersistence = 'u' AND EXISTS"
				  " (SELECT 1 FROM relation p JOIN pg_class l ON l.oid = p.oid WHERE p.side = 'production'"
				  " AND p.position = r.position AND l.relkind = 'r' AND l.relpersistence <> 'u')" CHECK_RELATIONS_ORDER,
				  &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, true, query_text(row, 1),
					"it is UNLOGGED, while production's table is logged: a crash would empty it, and users lose these rows on the way home",
					psprintf("ALTER TABLE %s SET LOGGED;", query_text(row, 1)));
}

void
check_uid(const Release *release, const Twin *twin, Findings *findings)
{
	const Column *column = twin->uid_column;

	for (Side side = SIDE_PRODUCTION; column != NULL && side <= SIDE_GRAY; side++)
	{
		const char *type = format_type_be(release->uid_type);

		if (OidIsValid(uid_wider(release->uid_type, getBaseType(column->type[side]))))
			continue;
		finding_add(findings, true, psprintf("%s.%s", twin->table[side], column->name[side]),
					psprintf("it is of type %s, but uids of the release are of type %s",
							 format_type_be(column->type[side]), type),
					psprintf("ALTER TABLE %s ALTER %s TYPE %s USING %s::%s;", twin->table[side],
							 column->name[side], type, column->name[side], type));
	}
}
