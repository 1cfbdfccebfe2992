/*
 * structure.c: a gray table with the structure of a production table
 *
 * LIKE brings the columns.  What must keep its own name (constraints, indexes)
 * is created from PostgreSQL's definition of the original, with the table's
 * name exchanged.  Sequences are never copied: both sides draw from production's.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/tablespace.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#include "query.h"
#include "relation.h"
#include "structure.h"

typedef struct Structure
{
	Oid	  production;
	char *production_table; /* qualified and quoted */
	char *gray_table;
} Structure;

/* The rows of a catalog query on the production table, column by column as text. */
static List *
catalog_texts(const Structure *structure, const char *sql)
{
	QueryArgs args = {0};
	List	 *texts = NIL;
	uint64	  rows;

	query_arg(&args, OIDOID, ObjectIdGetDatum(structure->production));
	rows = query_run(sql, &args);
	for (uint64 row = 0; row < rows; row++)
		texts = lappend(texts, query_text(row, 1));
	return texts;
}

static Oid
oid_of_text(const char *text)
{
	return (Oid) strtoul(text, NULL, 10);
}

/*
 * The table
 */

/* Storage parameters of the table and of its toast table, as CREATE TABLE takes them. */
#define SELECT_OPTIONS \
	"SELECT string_agg(format('%s%I = %L', o.prefix, o.option_name, o.option_value), ', ')" \
	" FROM (SELECT '' AS prefix, p.* FROM pg_class c, pg_options_to_table(c.reloptions) p" \
	" WHERE c.oid = $1" \
	" UNION ALL SELECT 'toast.', p.* FROM pg_class c JOIN pg_class t ON t.oid = c.reltoastrelid," \
	" pg_options_to_table(t.reloptions) p WHERE c.oid = $1) o"

static void
append_storage(StringInfo sql, const Structure *structure)
{
	Relation table = table_open(structure->production, AccessShareLock);
	Oid		 tablespace = table->rd_rel->reltablespace;
	char	*options = linitial(catalog_texts(structure, SELECT_OPTIONS));

	appendStringInfo(sql, " USING %s", quote_identifier(get_am_name(table->rd_rel->relam)));
	if (options != NULL)
		appendStringInfo(sql, " WITH (%s)", options);
	if (OidIsValid(tablespace))
		appendStringInfo(sql, " TABLESPACE %s", quote_identifier(get_tablespace_name(tablespace)));
	table_close(table, NoLock);
}

static void
create_table(const Structure *structure)
{
	StringInfoData sql;
	char		   persistence = get_rel_persistence(structure->production);

	initStringInfo(&sql);
	appendStringInfo(&sql,
					 "CREATE %sTABLE %s (LIKE %s INCLUDING COMMENTS INCLUDING COMPRESSION"
					 " INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING STORAGE)",
					 persistence == RELPERSISTENCE_UNLOGGED ? "UNLOGGED " : "",
					 structure->gray_table, structure->production_table);
	append_storage(&sql, structure);
	query_run(sql.data, NULL);
}

/* LIKE ... INCLUDING IDENTITY would make a second sequence, which hands out the same ids again. */
static void
share_identity(const Structure *structure)
{
	List *columns =
		catalog_texts(structure, "SELECT attname FROM pg_attribute WHERE attrelid = $1"
								 " AND attnum > 0 AND NOT attisdropped AND attidentity <> ''"
								 " ORDER BY attnum");
	ListCell *cell;

	foreach (cell, columns)
	{
		const char *column = lfirst(cell);
		Oid			sequence = getIdentitySequence(structure->production,
												   get_attnum(structure->production, column), false);
		char	   *name = relation_name(sequence);

		query_run(psprintf("ALTER TABLE %s ALTER COLUMN %s SET DEFAULT nextval(%s::regclass)",
						   structure->gray_table, quote_identifier(column),
						   quote_literal_cstr(name)),
				  NULL);
	}
}

/*
 * Constraints and indexes, in the order in which they were made
 */

/* Run a definition with another beginning; it must begin as expected. */
static void
run_definition(const char *definition, const char *expected, const char *head)
{
	if (strncmp(definition, expected, strlen(expected)) != 0)
		elog(ERROR, "unexpected definition: %s", definition);
	query_run(psprintf("%s%s", head, definition + strlen(expected)), NULL);
}

static void
clone_constraints(const Structure *structure)
{
	List *constraints =
		catalog_texts(structure, "SELECT oid FROM pg_constraint WHERE conrelid = $1"
								 " AND contype IN ('p', 'u', 'x', 'c') ORDER BY oid");
	char	 *expected = psprintf("ALTER TABLE %s ", structure->production_table);
	char	 *head = psprintf("ALTER TABLE %s ", structure->gray_table);
	ListCell *cell;

	foreach (cell, constraints)
		run_definition(pg_get_constraintdef_command(oid_of_text(lfirst(cell))), expected, head);
}

static void
clone_indexes(const Structure *structure)
{
	List *indexes =
		catalog_texts(structure, "SELECT indexrelid FROM pg_index i WHERE indrelid = $1"
								 " AND indisvalid AND indislive AND NOT EXISTS"
								 " (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid"
								 " AND c.contype IN ('p', 'u', 'x')) ORDER BY indexrelid");
	ListCell *cell;

	foreach (cell, indexes)
	{
		Oid	  index = oid_of_text(lfirst(cell));
		char *definition = pg_get_indexdef_string(index);
		bool  unique = strncmp(definition, "CREATE UNIQUE", strlen("CREATE UNIQUE")) == 0;
		char *head = psprintf("CREATE %sINDEX %s ON ", unique ? "UNIQUE " : "",
							  quote_identifier(get_rel_name(index)));

		run_definition(definition, psprintf("%s%s ", head, structure->production_table),
					   psprintf("%s%s ", head, structure->gray_table));
	}
}

unsigned int
structure_clone(unsigned int production, const char *gray_schema)
{
	char	 *name = get_rel_name(production);
	Structure structure = {
		.production = production,
		.production_table = relation_name(production),
		.gray_table = quote_qualified_identifier(gray_schema, name),
	};
	int guc_level = NewGUCNestLevel();

	/* A definition without a tablespace means the database's own. */
	(void) set_config_option("default_tablespace", "", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);
	create_table(&structure);
	share_identity(&structure);
	clone_constraints(&structure);
	clone_indexes(&structure);
	AtEOXact_GUC(false, guc_level);
	return get_relname_relid(name, get_namespace_oid(gray_schema, false));
}
