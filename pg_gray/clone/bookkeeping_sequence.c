/*
 * bookkeeping_sequence.c: gives a copied table sequences of its own
 *
 * Twins draw ids from one sequence.  The runners of both versions would then skip each other's
 * numbers, and a version that is called off would leave a gap in production's.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "clone/bookkeeping_sequence.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "release/privilege.h"

typedef struct Drawn
{
	char *column;	  /* quoted */
	char *identity;	  /* "ALWAYS", "BY DEFAULT", or null: a default draws from the sequence */
	Oid	  sequence;	  /* of production */
	char *options;	  /* as CREATE SEQUENCE takes them */
	char *type;		  /* AS ... */
	char *expression; /* the default as it is, or null */
} Drawn;

/* clang-format off */

/* The columns of table $1 that draw from a sequence. */
#define SELECT_DRAWN \
	"SELECT quote_ident(a.attname), CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END, s.seqrelid," \
	" format('INCREMENT BY %s MINVALUE %s MAXVALUE %s START WITH %s CACHE %s%s'," \
		" s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' END)," \
	" format_type(s.seqtypid, NULL), pg_get_expr(f.adbin, f.adrelid)" \
	" FROM pg_attribute a" \
	" LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum" \
	" JOIN pg_depend d ON CASE WHEN a.attidentity = ''" \
		" THEN d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_class'::regclass" \
		" ELSE d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum" \
			" AND d.classid = 'pg_class'::regclass AND d.deptype = 'i' END" \
	" JOIN pg_sequence s ON s.seqrelid = CASE WHEN a.attidentity = '' THEN d.refobjid ELSE d.objid END" \
	" WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped" \
	" ORDER BY a.attnum, s.seqrelid"

/* clang-format on */

static List *
load(Oid table)
{
	QueryArgs args = {0};
	List	 *list = NIL;
	uint64	  rows;

	query_arg(&args, OIDOID, ObjectIdGetDatum(table));
	rows = query_run(SELECT_DRAWN, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		Drawn *drawn = palloc0(sizeof(Drawn));

		drawn->column = query_text(row, 1);
		drawn->identity = query_text(row, 2);
		drawn->sequence = query_oid(row, 3);
		drawn->options = query_text(row, 4);
		drawn->type = query_text(row, 5);
		drawn->expression = query_text(row, 6);
		list = lappend(list, drawn);
	}
	return list;
}

/* The default with one sequence's name in place of another's. */
static char *
rename_in_default(const char *expression, const char *old_name, const char *new_name)
{
	QueryArgs args = {0};

	query_arg_text(&args, expression);
	query_arg_text(&args, psprintf("%s::regclass", quote_literal_cstr(old_name)));
	query_arg_text(&args, psprintf("%s::regclass", quote_literal_cstr(new_name)));
	query_run("SELECT replace($1, $2, $3)", &args);
	return query_text(0, 1);
}

static void
draw_from_own(const Drawn *drawn, Oid gray, const char *own)
{
	char *alter = psprintf("ALTER TABLE %s ALTER COLUMN %s", relation_name(gray), drawn->column);

	if (drawn->identity != NULL)
	{
		query_run(psprintf("%s DROP DEFAULT", alter), NULL);
		query_run(psprintf("%s ADD GENERATED %s AS IDENTITY (SEQUENCE NAME %s %s)", alter,
						   drawn->identity, own, drawn->options),
				  NULL);
		return;
	}
	query_run(psprintf("CREATE SEQUENCE %s AS %s %s OWNED BY %s.%s", own, drawn->type,
					   drawn->options, relation_name(gray), drawn->column),
			  NULL);
	query_run(psprintf("%s SET DEFAULT %s", alter,
					   rename_in_default(drawn->expression, relation_name(drawn->sequence), own)),
			  NULL);
}

/* Grant what the owner of production's sequence has granted. */
static void
share(Oid sequence, const char *own)
{
	QueryArgs args = {0};
	uint64	  rows;
	char	**statements;

	query_arg(&args, OIDOID, ObjectIdGetDatum(sequence));
	query_arg_text(&args, own);
	rows =
		query_run("SELECT format('GRANT %s ON SEQUENCE %s TO %s%s', p.privilege_type, $2,"
				  " CASE p.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(p.grantee)) END,"
				  " CASE WHEN p.is_grantable THEN ' WITH GRANT OPTION' END)"
				  " FROM pg_class c, aclexplode(c.relacl) p"
				  " WHERE c.oid = $1 AND p.grantor = c.relowner AND p.grantee <> c.relowner",
				  &args);
	statements = palloc(sizeof(char *) * Max(rows, 1));
	for (uint64 row = 0; row < rows; row++)
		statements[row] = query_text(row, 1);
	for (uint64 row = 0; row < rows; row++)
		query_run(statements[row], NULL);
}

void
bookkeeping_sequence_own(unsigned int production, unsigned int gray)
{
	char	 *schema = get_namespace_name(get_rel_namespace(gray));
	ListCell *cell;

	foreach(cell, load(production))
	{
		const Drawn *drawn = lfirst(cell);
		char		*name = get_rel_name(drawn->sequence);
		char		*own = quote_qualified_identifier(schema, name);

		draw_from_own(drawn, gray, own);
		query_run(psprintf("SELECT setval(%s, last_value, is_called) FROM %s",
						   quote_literal_cstr(own), relation_name(drawn->sequence)),
				  NULL);
		privilege_close_sequence(get_relname_relid(name, get_namespace_oid(schema, false)));
		share(drawn->sequence, own);
	}
}
