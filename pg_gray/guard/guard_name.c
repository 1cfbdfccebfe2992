/*
 * guard_name.c: finds the objects that a statement names, and locks none of them
 *
 * A statement that is refused must not have waited for a lock, nor made others wait.  PostgreSQL
 * resolves the names once more, with locks, when the statement is let through.  In between another
 * session could give a name to another object: nobody but a concurrent DDL statement does so.
 *
 * Only kinds that belong to no schema are looked up by get_object_address.  It leaves such an
 * object locked ACCESS SHARE, which keeps out nobody but who drops it.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_conversion.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_opclass.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_ts_config.h"
#include "catalog/pg_ts_dict.h"
#include "catalog/pg_ts_parser.h"
#include "catalog/pg_ts_template.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "nodes/makefuncs.h"
#include "parser/parse_func.h"
#include "parser/parse_oper.h"
#include "parser/parse_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "guard/guard_name.h"
#include "postgres/relation.h"

static ObjectAddress
address(Oid class, Oid object)
{
	return (ObjectAddress){.classId = class, .objectId = object};
}

/*
 * Relations
 */

ObjectAddress
guard_name_relation(const RangeVar *name)
{
	return address(RelationRelationId, RangeVarGetRelid(name, NoLock, true));
}

/* Of a name, or of the name of a part with the relation's name before it. */
static ObjectAddress
find_relation(List *name, bool is_part)
{
	if (is_part)
		name = list_truncate(list_copy(name), list_length(name) - 1);
	if (name == NIL)
		return address(RelationRelationId, InvalidOid);
	return guard_name_relation(makeRangeVarFromNameList(name));
}

/*
 * Types
 */

ObjectAddress
guard_name_type(const TypeName *name)
{
	return address(TypeRelationId, LookupTypeNameOid(NULL, name, true));
}

/* Some statements have a TypeName, and some a list of strings. */
static ObjectAddress
find_type(Node *name)
{
	if (IsA(name, List))
		return guard_name_type(makeTypeNameFromNameList((List *) name));
	return guard_name_type(castNode(TypeName, name));
}

/* A constraint of a domain: (domain, name), or the domain's name alone. */
static ObjectAddress
find_constrained_domain(List *name)
{
	if (IsA(linitial(name), TypeName))
		return guard_name_type(linitial(name));
	return find_type((Node *) name);
}

/*
 * Others
 */

/* An operator class or family: its access method stands before its name. */
static ObjectAddress
find_by_access_method(ObjectType kind, List *name)
{
	Oid	  method = get_index_am_oid(strVal(linitial(name)), true);
	List *rest = list_copy_tail(name, 1);
	bool  is_class = kind == OBJECT_OPCLASS;

	if (!OidIsValid(method))
		return address(OperatorFamilyRelationId, InvalidOid);
	return address(is_class ? OperatorClassRelationId : OperatorFamilyRelationId,
				   is_class ? get_opclass_oid(method, rest, true)
							: get_opfamily_oid(method, rest, true));
}

static ObjectAddress
find_text_search(ObjectType kind, List *name)
{
	switch (kind)
	{
		case OBJECT_TSPARSER:
			return address(TSParserRelationId, get_ts_parser_oid(name, true));
		case OBJECT_TSDICTIONARY:
			return address(TSDictionaryRelationId, get_ts_dict_oid(name, true));
		case OBJECT_TSTEMPLATE:
			return address(TSTemplateRelationId, get_ts_template_oid(name, true));
		default:
			return address(TSConfigRelationId, get_ts_config_oid(name, true));
	}
}

/* A kind that belongs to no schema. */
static ObjectAddress
find_elsewhere(ObjectType kind, Node *name)
{
	Relation relation = NULL;

	return get_object_address(kind, name, &relation, AccessShareLock, true);
}

ObjectAddress
guard_name_find(ObjectType kind, Node *name)
{
	switch (kind)
	{
		case OBJECT_TABLE:
		case OBJECT_INDEX:
		case OBJECT_SEQUENCE:
		case OBJECT_VIEW:
		case OBJECT_MATVIEW:
		case OBJECT_FOREIGN_TABLE:
			return find_relation(castNode(List, name), false);
		case OBJECT_COLUMN:
		case OBJECT_DEFAULT:
		case OBJECT_RULE:
		case OBJECT_TRIGGER:
		case OBJECT_POLICY:
		case OBJECT_TABCONSTRAINT:
			return find_relation(castNode(List, name), true);
		case OBJECT_TYPE:
		case OBJECT_DOMAIN:
			return find_type(name);
		case OBJECT_DOMCONSTRAINT:
			return find_constrained_domain(castNode(List, name));
		case OBJECT_AGGREGATE:
		case OBJECT_FUNCTION:
		case OBJECT_PROCEDURE:
		case OBJECT_ROUTINE:
			return address(ProcedureRelationId,
						   LookupFuncWithArgs(kind, castNode(ObjectWithArgs, name), true));
		case OBJECT_OPERATOR:
			return address(OperatorRelationId,
						   LookupOperWithArgs(castNode(ObjectWithArgs, name), true));
		case OBJECT_COLLATION:
			return address(CollationRelationId, get_collation_oid(castNode(List, name), true));
		case OBJECT_CONVERSION:
			return address(ConversionRelationId, get_conversion_oid(castNode(List, name), true));
		case OBJECT_OPCLASS:
		case OBJECT_OPFAMILY:
			return find_by_access_method(kind, castNode(List, name));
		case OBJECT_STATISTIC_EXT:
			return address(StatisticExtRelationId,
						   get_statistics_object_oid(castNode(List, name), true));
		case OBJECT_TSPARSER:
		case OBJECT_TSDICTIONARY:
		case OBJECT_TSTEMPLATE:
		case OBJECT_TSCONFIGURATION:
			return find_text_search(kind, castNode(List, name));
		case OBJECT_SCHEMA:
			return address(NamespaceRelationId, get_namespace_oid(strVal(name), true));
		default:
			return find_elsewhere(kind, name);
	}
}

/*
 * Schemas and words
 */

/* True for the classes of objects that guard_name_find finds in a schema. */
static bool
has_schema(Oid class)
{
	switch (class)
	{
		case RelationRelationId:
		case TypeRelationId:
		case ProcedureRelationId:
		case OperatorRelationId:
		case OperatorClassRelationId:
		case OperatorFamilyRelationId:
		case CollationRelationId:
		case ConversionRelationId:
		case StatisticExtRelationId:
		case TSParserRelationId:
		case TSDictionaryRelationId:
		case TSTemplateRelationId:
		case TSConfigRelationId:
			return true;
		default:
			return false;
	}
}

unsigned int
guard_name_schema(const ObjectAddress *object)
{
	if (object->classId == NamespaceRelationId)
		return object->objectId;
	return has_schema(object->classId) ? get_object_namespace(object) : InvalidOid;
}

char *
guard_name_words(const ObjectAddress *object)
{
	if (object->classId == RelationRelationId)
		return relation_name(object->objectId);
	if (object->classId == NamespaceRelationId)
		return psprintf("schema %s", quote_identifier(get_namespace_name(object->objectId)));
	return has_schema(object->classId) ? getObjectIdentity(object, false)
									   : getObjectDescription(object, false);
}
