/*
 * bookkeeping.c: copies the tables in which migration runners note what they have run
 *
 * Tables are known by their names, and by columns that the runner gives them.  A table with such a
 * name that may have rows of users is an ordinary table, and is left where it is.
 *
 * A copy is made as clones are, as the owner of the tables and under a pinned search_path.  Its
 * rows are inserted before it gets triggers.  Where the columns draw from a sequence, the copy
 * gets a sequence of its own, which goes on where production's is.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "clone/bookkeeping.h"
#include "clone/bookkeeping_sequence.h"
#include "clone/tree_lookalike.h"
#include "clone/view_code.h"
#include "owner/owner_path.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "postgres/subtransaction.h"
#include "release/release.h"
#include "release/search_path.h"
#include "structure/structure.h"

/*
 * Finding
 */

/* clang-format off */

/*
 * The tables of migration runners: name, the columns that name a migration, and columns by which
 * the table is told from another one with such a name.
 */
#define RUNNERS \
	"runner (name, keys, columns) AS (VALUES" \
	" ('schema_migrations', '{version}'::name[], '{}'::name[])," /* Rails, Ecto, dbmate and others */ \
	" ('ar_internal_metadata', '{}', '{key,value}')," \
	" ('data_migrations', '{version}', '{}')," \
	" ('django_migrations', '{app,name}', '{}')," \
	" ('knex_migrations', '{name}', '{batch}')," \
	" ('knex_migrations_lock', '{}', '{is_locked}')," \
	" ('migrations', '{name}', '{timestamp}')," /* TypeORM */ \
	" ('migrations', '{migration}', '{batch}')," /* Laravel */ \
	" ('SequelizeMeta', '{name}', '{}')," \
	" ('_prisma_migrations', '{migration_name}', '{}')," \
	" ('mikro_orm_migrations', '{name}', '{}')," \
	" ('pgmigrations', '{name}', '{run_on}')," \
	" ('directus_migrations', '{version}', '{}')," \
	" ('strapi_migrations', '{name}', '{}')," \
	" ('alembic_version', '{version_num}', '{}')," \
	" ('flyway_schema_history', '{script}', '{installed_rank}')," \
	" ('schema_version', '{script}', '{installed_rank}')," /* Flyway, as it was */ \
	" ('databasechangelog', '{id,author,filename}', '{}')," \
	" ('databasechangeloglock', '{}', '{id,locked}')," \
	" ('__EFMigrationsHistory', '{MigrationId}', '{}')," \
	" ('phinxlog', '{version}', '{}')," \
	" ('doctrine_migration_versions', '{version}', '{}')," \
	" ('migration_versions', '{version}', '{executed_at}')," /* Doctrine, as it was */ \
	" ('migration', '{version}', '{apply_time}')," /* Yii */ \
	" ('goose_db_version', '{version_id}', '{}')," \
	" ('atlas_schema_revisions', '{version}', '{}')," \
	" ('__diesel_schema_migrations', '{version}', '{}')," \
	" ('_sqlx_migrations', '{version}', '{}')," \
	" ('seaql_migrations', '{version}', '{}'))"

/*
 * $1: tables of the release, $2: the gray schema, $3: names of uid columns, without case and
 * underscores.
 */
#define SELECT_TABLES \
	"WITH " RUNNERS \
	" SELECT DISTINCT ON (n.nspname, c.relname) c.oid, r.keys::text," \
	" CASE" \
		" WHEN c.relkind <> 'r' OR c.relispartition OR c.relpersistence = 't'" \
			" OR EXISTS (SELECT FROM pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent))" \
		" THEN 'it is not an ordinary table'" \
		" WHEN k.conname IS NOT NULL THEN format('foreign key %I makes it a table of the application', k.conname)" \
		" WHEN a.attname IS NOT NULL THEN format('column %I may be the uid', a.attname)" \
		" WHEN c.relowner <> (SELECT relowner FROM pg_class WHERE oid = ($1)[1])" \
		" THEN format('it belongs to %I, and not to the owner of the cloned tables', pg_get_userbyid(c.relowner))" \
		" WHEN to_regclass(format('%I.%I', $2, c.relname)) IS NOT NULL" \
		" THEN format('%I.%I is there already', $2, c.relname) END" \
	" FROM pg_class c" \
	" JOIN pg_namespace n ON n.oid = c.relnamespace" \
	" JOIN runner r ON r.name = c.relname" \
	" LEFT JOIN LATERAL (" \
		"SELECT k.conname" \
		" FROM pg_constraint k" \
		" WHERE k.contype = 'f' AND c.oid IN (k.conrelid, k.confrelid)" \
		" ORDER BY k.conname LIMIT 1) AS k ON true" \
	" LEFT JOIN LATERAL (" \
		"SELECT a.attname" \
		" FROM pg_attribute a" \
		" WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped" \
		" AND lower(replace(a.attname::text, '_', '') COLLATE \"C\") = ANY ($3)" \
		" ORDER BY a.attnum LIMIT 1) AS a ON true" \
	" WHERE n.oid IN (SELECT relnamespace FROM pg_class WHERE oid = ANY ($1))" \
	" AND c.oid <> ALL ($1)" \
	" AND c.relkind IN ('r', 'p', 'f')" \
	" AND (SELECT count(*) FROM pg_attribute" \
		" WHERE attrelid = c.oid AND NOT attisdropped AND attname = ANY (r.keys || r.columns))" \
		" = cardinality(r.keys || r.columns)" \
	" ORDER BY n.nspname, c.relname"

/* clang-format on */

static List *
tables_of(const List *paths)
{
	List	 *tables = NIL;
	ListCell *cell;

	foreach(cell, paths)
	{
		if (lfirst(cell) != NULL)
			tables = lappend_oid(tables, ((OwnerPath *) lfirst(cell))->table);
	}
	return tables;
}

List *
bookkeeping_find(const Release *release, const List *paths)
{
	List	 *tables = tables_of(paths);
	QueryArgs args = {0};
	List	 *found = NIL;
	uint64	  rows;

	query_arg_oids(&args, tables);
	query_arg_text(&args, release->gray_schema);
	query_arg(&args, TEXTARRAYOID, lookalike_names(paths));
	rows = tables == NIL ? 0 : query_run(SELECT_TABLES, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		Bookkeeping *table = palloc0(sizeof(Bookkeeping));

		table->relation = query_oid(row, 1);
		table->name = relation_name(table->relation);
		table->gray =
			quote_qualified_identifier(release->gray_schema, get_rel_name(table->relation));
		table->keys = query_text(row, 2);
		table->obstacle = query_text(row, 3);
		found = lappend(found, table);
	}
	return found;
}

/*
 * Copying
 */

typedef struct Copying
{
	const Release	  *release;
	const TwinSet	  *set;
	const Bookkeeping *table;
	uint64			   rows;
} Copying;

/* Return the number of rows. */
static uint64
copy_rows(const Bookkeeping *table)
{
	QueryArgs args = {0};
	char	 *columns;

	query_arg(&args, OIDOID, ObjectIdGetDatum(table->relation));
	query_run("SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
			  " WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
			  &args);
	columns = query_text(0, 1);
	return query_run(psprintf("INSERT INTO %s (%s) SELECT %s FROM ONLY %s", table->gray, columns,
							  columns, table->name),
					 NULL);
}

char *
bookkeeping_key(const char *keys)
{
	QueryArgs args = {0};

	query_arg_text(&args, keys);
	query_run("SELECT format('concat_ws('' '', %s)', string_agg(quote_ident(k), ', ' ORDER BY place))"
			  " FROM unnest($1::name[]) WITH ORDINALITY AS k (k, place)",
			  &args);
	return query_text(0, 1);
}

/* The migrations that the copy lists, as a text[] in text form. */
static char *
known(const Bookkeeping *table)
{
	if (strcmp(table->keys, "{}") == 0)
		return "{}";
	query_run(psprintf("SELECT coalesce(array_agg(%s), '{}')::text FROM %s",
					   bookkeeping_key(table->keys), table->gray),
			  NULL);
	return query_text(0, 1);
}

static void
register_copy(const Copying *copying, const char *migrations)
{
	QueryArgs args = {0};

	query_arg_int(&args, copying->release->id);
	query_arg_text(&args, copying->table->name);
	query_arg_text(&args, copying->table->gray);
	query_arg_text(&args, copying->table->keys);
	query_arg_text(&args, migrations);
	query_run("INSERT INTO gray.copied_table (release_id, production, gray, key_columns, known)"
			  " VALUES ($1, $2, $3, $4::name[], $5::text[])",
			  &args);
}

/* The owner of a table decides which code runs when it is copied. */
static void
lock_owned(const Bookkeeping *table, Oid owner)
{
	LockRelationOid(table->relation, AccessShareLock);
	if (relation_owner(table->relation) != owner)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("it belongs to another role by now")));
}

static void
copy_table(void *argument)
{
	Copying			  *copying = argument;
	const Release	  *release = copying->release;
	const Bookkeeping *table = copying->table;
	Oid				   owner = twin_owner_role(copying->set);
	RoleSwitch		   before;
	Oid				   gray;
	char			  *migrations;

	lock_owned(table, owner);
	role_become(&before, owner);
	gray = structure_create(table->relation, release->gray_schema);
	copying->rows = copy_rows(table);
	migrations = known(table);
	structure_furnish(list_make1_oid(table->relation), list_make1_oid(gray),
					  search_path_of(release, copying->set, SIDE_PRODUCTION),
					  search_path_of(release, copying->set, SIDE_GRAY));
	view_code_refuse(list_make1_oid(gray), view_code_list(list_make1_oid(table->relation)));
	bookkeeping_sequence_own(table->relation, gray);
	role_return(&before);
	register_copy(copying, migrations);
}

void
bookkeeping_tell_left(const List *tables)
{
	ListCell *cell;

	foreach(cell, tables)
	{
		const Bookkeeping *table = lfirst(cell);

		if (table->obstacle != NULL)
			ereport(NOTICE,
					(errmsg("table %s is not copied: %s", table->name, table->obstacle),
					 errdetail(
						 "It has the name of a table in which a migration runner notes what it has run."),
					 errhint("If it is one, see that %s has its rows before version 2's migrations run.",
							 table->gray)));
	}
}

static void
tell_copied(const Copying *copying)
{
	ereport(NOTICE, (errmsg_plural("table %s is copied with %d row to %s",
								   "table %s is copied with %d rows to %s", copying->rows,
								   copying->table->name, (int) copying->rows, copying->table->gray),
					 errdetail("Version 2's migration runner notes there what it has run.")));
}

static void
warn(const Bookkeeping *table, const ErrorData *error)
{
	ereport(WARNING,
			(errcode(error->sqlerrcode),
			 errmsg("table %s is not copied: %s", table->name, error->message),
			 errdetail("A migration runner notes there what it has run."),
			 errhint("Make %s with its rows before version 2's migrations run.", table->gray)));
}

void
bookkeeping_copy(const Release *release, const TwinSet *set, const List *tables)
{
	ListCell *cell;

	bookkeeping_tell_left(tables);
	foreach(cell, tables)
	{
		Copying	   copying = {.release = release, .set = set, .table = lfirst(cell)};
		ErrorData *error;

		if (copying.table->obstacle != NULL)
			continue;
		error = subtransaction_try(copy_table, &copying);
		if (error != NULL)
			warn(copying.table, error);
		else
			tell_copied(&copying);
	}
}

char *
bookkeeping_registered(const Release *release)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_run("SELECT string_agg(t.gray, ', ' ORDER BY t.gray) FROM gray.copied_table t"
			  " JOIN pg_class c ON c.oid = to_regclass(t.gray)"
			  " WHERE t.release_id = $1 AND c.relkind = 'r'",
			  &args);
	return query_text(0, 1);
}
