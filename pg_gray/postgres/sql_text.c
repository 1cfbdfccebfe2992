/*
 * sql_text.c: makes the SQL text of values, casts and comparisons
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"
#include "utils/typcache.h"

#include "postgres/sql_text.h"

void
sql_text_clause(StringInfo sql, const char *left, unsigned int left_type, unsigned int operator,
				const char * right, unsigned int right_type)
{
	Oid left_input;
	Oid right_input;

	op_input_types(operator, & left_input, &right_input);
	generate_operator_clause(sql, left,
							 IsPolymorphicType(left_input) ? left_input : left_type, operator,
							 right, IsPolymorphicType(right_input) ? right_input : right_type);
}

char
sql_text_category(unsigned int type)
{
	char category;
	bool preferred;

	get_type_category_preferred(getBaseType(type), &category, &preferred);
	return category;
}

void
sql_text_equal(StringInfo sql, const char *left, unsigned int left_type, const char *right,
			   unsigned int right_type)
{
	Oid base = getBaseType(left_type);
	Oid operator= InvalidOid;

	if (base == getBaseType(right_type))
		operator= lookup_type_cache(base, TYPECACHE_EQ_OPR)->eq_opr;
	if (OidIsValid(operator))
		sql_text_clause(sql, left, left_type, operator, right, right_type);
	else
		appendStringInfo(sql, "%s OPERATOR(pg_catalog.=) %s", left, right);
}

char *
sql_text_collated(const char *expression, unsigned int own, unsigned int wanted)
{
	if (own == wanted || !OidIsValid(own) || !OidIsValid(wanted))
		return pstrdup(expression);
	return psprintf("(%s COLLATE %s)", expression, generate_collation_name(wanted));
}

void
sql_text_cast(StringInfo sql, const char *expression, unsigned int type, int32_t typmod)
{
	appendStringInfo(sql, "CAST(%s AS %s)", expression,
					 format_type_extended(type, typmod,
										  FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
}

/*
 * The cast goes through varchar: casts from and to text may be user-defined, and lose information.
 * The collation is that of the kept tables: values that are equal by another collation may not be
 * the same.
 */
char *
sql_text_text(const char *expression)
{
	return psprintf("(CAST(%s AS pg_catalog.\"varchar\") COLLATE \"C\")", expression);
}

void
sql_text_from_text(StringInfo sql, const char *text, unsigned int type)
{
	sql_text_cast(sql, sql_text_text(text), getBaseType(type), -1);
}
