/*
 * check_publication.c: finds publications that would send gray's tables to subscribers
 */
#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "check/check_publication.h"
#include "postgres/query.h"
#include "release/release.h"

/* The schemas of production's tables, as FOR TABLES IN SCHEMA takes them; $1 is the gray schema. */
#define PRODUCTION_SCHEMAS \
	"coalesce((SELECT string_agg(quote_ident(n.nspname), ', ' ORDER BY n.nspname) FROM pg_namespace n" \
	" WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'gray', $1)" \
	" AND n.nspname NOT IN (SELECT gray_schema FROM gray.release) AND EXISTS" \
	" (SELECT 1 FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p'))), 'public')"

/* The options of a publication, as WITH takes them. */
#define OPTIONS \
	"format('publish = %L, publish_via_partition_root = %s', concat_ws(', '," \
	" CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END," \
	" CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END), p.pubviaroot::text)"

#define SELECT_PUBLICATIONS \
	"SELECT p.pubname, 'all tables', format(" \
	"E'An ALL TABLES publication can leave nothing out, nor be altered to. Publish production\\'s schemas instead:\\n" \
	"CREATE PUBLICATION %1$I FOR TABLES IN SCHEMA %2$s WITH (%3$s);\\n" \
	"Once each subscriber has received all that was written before, type there:\\n" \
	"ALTER SUBSCRIPTION ... SET PUBLICATION %1$I WITH (copy_data = false);\\n" \
	"Then here:\\nDROP PUBLICATION %4$I;'," \
	" left(p.pubname, 40) || '_of_production', " PRODUCTION_SCHEMAS ", " OPTIONS ", p.pubname)" \
	" FROM pg_publication p WHERE p.puballtables" \
	" UNION ALL SELECT p.pubname, format('all tables of schema %I', n.nspname)," \
	" format('ALTER PUBLICATION %I DROP TABLES IN SCHEMA %I;', p.pubname, n.nspname)" \
	" FROM pg_publication p JOIN pg_publication_namespace s ON s.pnpubid = p.oid" \
	" JOIN pg_namespace n ON n.oid = s.pnnspid WHERE n.nspname IN ('gray', $1) ORDER BY 1, 2"

List *
publication_find(const char *gray_schema)
{
	QueryArgs args = {0};
	List	 *publications = NIL;
	uint64	  rows;

	query_arg_text(&args, gray_schema);
	rows = query_run(SELECT_PUBLICATIONS, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		WidePublication *publication = palloc(sizeof(WidePublication));

		publication->name = query_text(row, 1);
		publication->content = query_text(row, 2);
		publication->advice = query_text(row, 3);
		publications = lappend(publications, publication);
	}
	return publications;
}

void
publication_refuse(const char *gray_schema)
{
	List				  *publications = publication_find(gray_schema);
	const WidePublication *first;

	if (publications == NIL)
		return;
	first = linitial(publications);
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("publication \"%s\" publishes %s, and so those of a release too", first->name,
					first->content),
			 errdetail("A subscriber does not have them: it stops at the first row written to one."),
			 errhint("%s", first->advice)));
}

void
check_publications(const Release *release, Findings *findings)
{
	ListCell *cell;

	foreach(cell, publication_find(release->gray_schema))
	{
		const WidePublication *publication = lfirst(cell);

		finding_add(findings, true, psprintf("publication %s", quote_identifier(publication->name)),
					psprintf("publishes %s, and so those of the release too: a subscriber, which does not have them, stops at the first row written to one",
							 publication->content),
					publication->advice);
	}
}
