/*
 * finding.c: the list of the findings of gray_check
 */
#include "postgres.h"

#include "nodes/pg_list.h"

#include "check/finding.h"

void
finding_add(Findings *findings, bool is_error, char *object, char *problem, char *hint)
{
	Finding *finding = palloc(sizeof(Finding));

	finding->is_error = is_error;
	finding->object = object;
	finding->problem = problem;
	finding->hint = hint;
	findings->list = lappend(findings->list, finding);
}
