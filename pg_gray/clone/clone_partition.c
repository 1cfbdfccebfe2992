/*
 * clone_partition.c: creates and attaches the partitions of a gray table
 *
 * All gray partitions are in the gray schema, whatever the schemas of production's partitions.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "clone/clone_partition.h"
#include "postgres/partition.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "structure/structure.h"

/*
 * Checks
 */

static void
refuse_foreign_table(Oid partition, const char *table)
{
	if (get_rel_relkind(partition) == RELKIND_FOREIGN_TABLE)
		ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
						errmsg("partition %s of table %s is a foreign table",
							   relation_name(partition), table),
						errdetail("Its rows are in another server."),
						errhint("ALTER TABLE ... DETACH PARTITION, or leave the table out.")));
}

static void
refuse_other_owner(Oid partition, Oid production)
{
	Oid owner = relation_owner(production);

	if (relation_owner(partition) != owner)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("partition %s has another owner than table %s", relation_name(partition),
						relation_name(production)),
				 errhint("Moves run as the owner, so there must be one: ALTER TABLE %s OWNER TO %s; which trusts its triggers, indexes and constraints.",
						 relation_name(partition),
						 quote_identifier(GetUserNameFromId(owner, false)))));
}

static void
refuse_taken_name(Oid partition, const char *gray_schema)
{
	char *name = get_rel_name(partition);

	if (OidIsValid(get_relname_relid(name, get_namespace_oid(gray_schema, false))))
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_TABLE),
						errmsg("relation %s exists already",
							   quote_qualified_identifier(gray_schema, name)),
						errhint("Rename or drop it: the gray partition needs that name.")));
}

/*
 * Raise if two partitions have the same name in different schemas: they would meet in the gray
 * schema.
 */
static void
refuse_shared_name(Oid partition, const List *others)
{
	ListCell *cell;

	foreach(cell, others)
	{
		if (strcmp(get_rel_name(partition), get_rel_name(lfirst_oid(cell))) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_TABLE),
					 errmsg("tables %s and %s have one name", relation_name(lfirst_oid(cell)),
							relation_name(partition)),
					 errdetail(
						 "Both belong to one partitioned table, and the gray schema holds all of it."),
					 errhint("ALTER TABLE ... RENAME TO gives one of them another name.")));
	}
}

void
clone_partition_check(unsigned int production, const char *gray_schema)
{
	List	 *seen = list_make1_oid(production);
	ListCell *cell;

	foreach(cell, partition_all(production))
	{
		Oid partition = lfirst_oid(cell);

		refuse_foreign_table(partition, relation_name(production));
		refuse_other_owner(partition, production);
		refuse_taken_name(partition, gray_schema);
		refuse_shared_name(partition, seen);
		seen = lappend_oid(seen, partition);
	}
}

/*
 * Tables
 */

static Oid
create_parent(Oid production, const char *gray_schema)
{
	char *name = get_rel_name(production);
	bool  unlogged = get_rel_persistence(production) == RELPERSISTENCE_UNLOGGED;

	role_pin_setting("default_tablespace", "");
	query_run(psprintf("CREATE %sTABLE %s (LIKE %s INCLUDING GENERATED) PARTITION BY %s",
					   unlogged ? "UNLOGGED " : "", quote_qualified_identifier(gray_schema, name),
					   relation_name(production), partition_key(production)),
			  NULL);
	return get_relname_relid(name, get_namespace_oid(gray_schema, false));
}

unsigned int
clone_partition_create(unsigned int production, const char *gray_schema)
{
	Oid		  gray = create_parent(production, gray_schema);
	ListCell *cell;

	foreach(cell, partition_all(production))
	{
		Oid partition = lfirst_oid(cell);

		if (partition_is_parent(partition))
			(void) create_parent(partition, gray_schema);
		else
			(void) structure_create(partition, gray_schema);
	}
	return gray;
}

unsigned int
clone_partition_twin(unsigned int partition, unsigned int gray)
{
	char *name = get_rel_name(partition);
	Oid	  twin = get_relname_relid(name, get_rel_namespace(gray));

	if (!OidIsValid(twin))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("partition %s has no gray twin", relation_name(partition)),
				 errhint("CREATE TABLE %s PARTITION OF ...;",
						 quote_qualified_identifier(get_namespace_name(get_rel_namespace(gray)),
													name))));
	return twin;
}

void
clone_partition_list(unsigned int production, unsigned int gray, List **partitions, List **twins)
{
	ListCell *cell;

	foreach(cell, partition_all(production))
	{
		*partitions = lappend_oid(*partitions, lfirst_oid(cell));
		*twins = lappend_oid(*twins, clone_partition_twin(lfirst_oid(cell), gray));
	}
}

/*
 * A partition's trigger that came from the parent arrives in the parent's state, on or off.  Set
 * the states in which production's partition differs from its parent.
 */
static void
set_inherited_triggers(Oid partition, const char *gray_table)
{
	QueryArgs args = {0};
	List	 *statements = NIL;
	ListCell *cell;
	uint64	  rows;

	query_arg(&args, OIDOID, ObjectIdGetDatum(partition));
	rows =
		query_run("SELECT CASE t.tgenabled WHEN 'O' THEN 'ENABLE' WHEN 'D' THEN 'DISABLE'"
				  " WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, quote_ident(t.tgname)"
				  " FROM pg_trigger t JOIN pg_trigger p ON p.oid = t.tgparentid"
				  " WHERE t.tgrelid = $1 AND t.tgenabled <> p.tgenabled AND t.tgconstraint = 0",
				  &args);
	for (uint64 row = 0; row < rows; row++)
		statements = lappend(statements, psprintf("ALTER TABLE ONLY %s %s TRIGGER %s", gray_table,
												  query_text(row, 1), query_text(row, 2)));
	foreach(cell, statements)
		query_run(lfirst(cell), NULL);
}

void
clone_partition_attach(unsigned int production, unsigned int gray)
{
	ListCell *cell;

	foreach(cell, partition_all(production))
	{
		Oid	  partition = lfirst_oid(cell);
		Oid	  parent = get_partition_parent(partition, false);
		char *table = relation_name(clone_partition_twin(partition, gray));

		parent = parent == production ? gray : clone_partition_twin(parent, gray);
		query_run(psprintf("ALTER TABLE %s ATTACH PARTITION %s %s", relation_name(parent), table,
						   partition_bound(partition)),
				  NULL);
		set_inherited_triggers(partition, table);
	}
}
