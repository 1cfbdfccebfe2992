/*
 * check_function.c: finds functions that name production tables in their bodies
 *
 * A body between BEGIN ATOMIC and END is bound to tables, and pg_depend has these tables.  Any
 * other body is text, which is searched for the names of the tables.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "check/check_function.h"
#include "check/function_body.h"
#include "clone/view.h"
#include "clone/view_reader.h"
#include "postgres/query.h"
#include "release/release.h"

/* The names to search for. */
typedef struct Names
{
	BodyName	*names; /* sorted */
	BodyMention *mentions;
	int			 count;
} Names;

typedef struct Function
{
	char *signature;
	char *gray; /* the name that its twin in gray would have: "FUNCTION v2.f" */
	char *body;
	char *path;	   /* its own search_path, or null */
	bool  in_gray; /* the gray schema is in `path` */
	char *bound;   /* names of relations to which the body is bound, or null */
	char *trigger; /* "ALTER TABLE v2.t DISABLE TRIGGER a;" for a gray trigger on it; or null */
} Function;

/* clang-format off */

#define FUNCTION_COLUMNS \
	"p.oid::regprocedure::text," \
	" format(" \
		"'%s %I.%I', CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, g.nspname," \
		" p.proname)," \
	" p.prosrc, s.path," \
	" coalesce(" \
		"quote_ident(g.nspname) = ANY (string_to_array(replace(s.path, ' ', ''), ',')), false)," \
	" (" \
		"SELECT string_agg(DISTINCT format('%I.%I', n.nspname, c.relname), ', ')" \
		" FROM pg_depend d" \
		" JOIN pg_class c ON c.oid = d.refobjid" \
		" JOIN pg_namespace n ON n.oid = c.relnamespace" \
		" WHERE d.classid = 'pg_proc'::regclass" \
		" AND d.objid = p.oid" \
		" AND d.refclassid = 'pg_class'::regclass" \
		" AND d.refobjid = ANY ($2)" \
		" AND p.prosqlbody IS NOT NULL)," \
	" (" \
		"SELECT format('ALTER TABLE %s DISABLE TRIGGER %I;', t.tgrelid::regclass, t.tgname)" \
		" FROM pg_trigger t" \
		" JOIN pg_class c ON c.oid = t.tgrelid" \
		" WHERE t.tgfoid = p.oid" \
		" AND c.relnamespace = g.oid" \
		" AND t.tgparentid = 0" \
		" AND t.tgenabled <> 'D'" \
		" ORDER BY 1" \
		" LIMIT 1)"

/*
 * The functions to check: neither functions of extensions, nor functions with a namesake in gray,
 * which version 2 finds first.
 */
#define SELECT_FUNCTIONS \
	"SELECT " FUNCTION_COLUMNS \
	" FROM pg_proc p" \
	" JOIN pg_namespace n ON n.oid = p.pronamespace" \
	" JOIN pg_language l ON l.oid = p.prolang" \
	" JOIN pg_namespace g ON g.nspname = $1" \
	" LEFT JOIN LATERAL (" \
		"SELECT substr(x, length('search_path=') + 1)" \
		" FROM unnest(p.proconfig) AS x" \
		" WHERE x LIKE 'search\\_path=%') AS s (path) ON true" \
	" WHERE l.lanname NOT IN ('c', 'internal')" \
	" AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'gray')" \
	" AND n.nspname NOT LIKE 'pg\\_temp\\_%'" \
	" AND n.nspname NOT IN (SELECT gray_schema FROM gray.release)" \
	" AND NOT EXISTS (" \
		"SELECT 1" \
		" FROM pg_depend e" \
		" WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')" \
	" AND NOT EXISTS (" \
		"SELECT 1" \
		" FROM pg_proc o" \
		" WHERE o.pronamespace = g.oid" \
		" AND o.proname = p.proname" \
		" AND o.proargtypes = p.proargtypes)" \
	" ORDER BY 1"

/* clang-format on */

/*
 * Loading
 */

/* The tables with their partitions, and the views that read them. */
static List *
relations_of(const ViewPlan *plan)
{
	return list_concat(reader_with_partitions(plan->tables), reader_relations(plan->readers));
}

static Names
names_of(const List *relations)
{
	Names	  names = {.count = list_length(relations)};
	ListCell *cell;

	names.names = palloc(sizeof(BodyName) * Max(names.count, 1));
	names.mentions = palloc(sizeof(BodyMention) * Max(names.count, 1));
	foreach(cell, relations)
		names.names[foreach_current_index(cell)] =
			(BodyName){.schema = get_namespace_name(get_rel_namespace(lfirst_oid(cell))),
					   .name = get_rel_name(lfirst_oid(cell))};
	qsort(names.names, names.count, sizeof(BodyName), body_compare_names);
	return names;
}

/* The shared relations: relations in schemas of the application that are not in the release. */
static Names
shared_names(const List *relations)
{
	QueryArgs args = {0};
	Names	  names = {0};

	query_arg_oids(&args, relations);
	names.count =
		query_run("SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
				  " WHERE c.relkind IN ('r', 'p', 'v', 'f') AND c.relpersistence <> 't'"
				  " AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'gray')"
				  " AND n.nspname NOT IN (SELECT gray_schema FROM gray.release) AND c.oid <> ALL ($1)",
				  &args);
	names.names = palloc(sizeof(BodyName) * Max(names.count, 1));
	names.mentions = palloc(sizeof(BodyMention) * Max(names.count, 1));
	for (int i = 0; i < names.count; i++)
		names.names[i] = (BodyName){.schema = query_text(i, 1), .name = query_text(i, 2)};
	qsort(names.names, names.count, sizeof(BodyName), body_compare_names);
	return names;
}

static uint64
select_functions(const ViewPlan *plan, const List *relations)
{
	QueryArgs args = {0};

	query_arg_text(&args, plan->release->gray_schema);
	query_arg_oids(&args, relations);
	return query_run(SELECT_FUNCTIONS, &args);
}

static Function
function_from_row(uint64 row)
{
	Function function = {
		.signature = query_text(row, 1),
		.gray = query_text(row, 2),
		.body = query_text(row, 3),
		.path = query_text(row, 4),
		.in_gray = *query_text(row, 5) == 't',
		.bound = query_text(row, 6),
		.trigger = query_text(row, 7),
	};

	return function;
}

/*
 * Findings
 */

/* "public.orders (line 1), items (line 2)".  Sets *qualified when some mention has a schema. */
static char *
mentioned(const Names *names, bool *qualified)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < names->count; i++)
	{
		const BodyName	  *name = &names->names[i];
		const BodyMention *mention = &names->mentions[i];

		if (mention->line == 0)
			continue;
		appendStringInfo(&text, "%s%s (line %d)", text.len == 0 ? "" : ", ",
						 mention->qualified ? quote_qualified_identifier(name->schema, name->name)
											: quote_identifier(name->name),
						 mention->line);
		*qualified = *qualified || mention->qualified;
	}
	return text.data;
}

/* The shared relations that the function writes: "artists (line 2)"; or an empty text. */
static char *
written(const Names *shared)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < shared->count; i++)
	{
		if (shared->mentions[i].written > 0)
			appendStringInfo(&text, "%s%s (line %d)", text.len == 0 ? "" : ", ",
							 shared->mentions[i].qualified
								 ? quote_qualified_identifier(shared->names[i].schema,
															  shared->names[i].name)
								 : quote_identifier(shared->names[i].name),
							 shared->mentions[i].written);
	}
	return text.data;
}

#define FOR_PRODUCTION "called by version 2, it reads and writes production's rows"

/*
 * Add a finding for a function that writes a shared relation, for example a sum over all users:
 * each side has the live rows of only some users.
 */
static void
add_shared(const Function *function, const char *names, const char *shared, const char *own,
		   Findings *findings)
{
	finding_add(findings, false, function->signature,
				psprintf("its body names %s, and writes %s, which both versions share: for version 2 that is made of rows of users"
						 " in gray alone, for version 1 of frozen rows of these",
						 names, shared),
				psprintf("%s%s Make anew what was written when users have come home.",
						 function->trigger == NULL ? "" : psprintf("%s or ", function->trigger),
						 own));
}

static void
check_text(const Function *function, const char *names, bool qualified, const char *shared,
		   const Release *release, Findings *findings)
{
	char *own = psprintf("CREATE %s(...) of version 2's own, for the gray tables.", function->gray);

	if (qualified)
		finding_add(findings, false, function->signature,
					psprintf("its body names %s: " FOR_PRODUCTION, names), own);
	else if (function->path != NULL && !function->in_gray)
		finding_add(findings, false, function->signature,
					psprintf("its body names %s, and it has search_path %s: " FOR_PRODUCTION, names,
							 function->path),
					own);
	else if (*shared != '\0')
		add_shared(function, names, shared,
				   psprintf("CREATE %s(...) that leaves them alone, or reads both sides.",
							function->gray),
				   findings);
	else if (!function->in_gray)
		finding_add(findings, false, function->signature,
					psprintf("its body names %s: it reads and writes what the caller's search_path shows first",
							 names),
					psprintf("Nothing is to be done if version 2 calls it with %s ahead in search_path, or not at all.",
							 quote_identifier(release->gray_schema)));
}

static void
check_function(const Function *function, Names *names, Names *shared, const Release *release,
			   Findings *findings)
{
	bool  qualified = false;
	char *text;

	if (function->bound != NULL)
	{
		finding_add(findings, false, function->signature,
					psprintf("its body is bound to %s: " FOR_PRODUCTION, function->bound),
					psprintf("CREATE %s(...) of version 2's own, for the gray tables.",
							 function->gray));
		return;
	}
	body_search(function->body, names->names, names->count, names->mentions);
	text = mentioned(names, &qualified);
	if (*text == '\0')
		return;
	body_search(function->body, shared->names, shared->count, shared->mentions);
	check_text(function, text, qualified, written(shared), release, findings);
}

void
check_functions(const ViewPlan *plan, Findings *findings)
{
	List  *relations = relations_of(plan);
	Names  names = names_of(relations);
	Names  shared = shared_names(relations);
	uint64 rows = select_functions(plan, relations);

	for (uint64 row = 0; row < rows; row++)
	{
		Function function = function_from_row(row);

		check_function(&function, &names, &shared, plan->release, findings);
	}
}
