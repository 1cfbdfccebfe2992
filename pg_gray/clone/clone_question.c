/*
 * clone_question.c: the questions that the caller must answer before a tree can be cloned
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

#include "clone/clone_question.h"
#include "clone/tree_call.h"
#include "owner/owner_path.h"

/* The tables with a question or a problem. */
typedef struct Questions
{
	List *open;		/* TreeTable: the owner path is not chosen yet */
	List *problems; /* TreeTable: can't be cloned */
} Questions;

char *
question_answers(const TreeTable *table)
{
	StringInfoData lines;
	ListCell	  *cell;

	initStringInfo(&lines);
	foreach(cell, table->candidates)
	{
		const OwnerPath *path = lfirst(cell);

		if (table->owner == NULL || (path->uid_attnum != 0 && !owner_path_same(table->owner, path)))
			appendStringInfo(&lines, "%s%s", lines.len == 0 ? "" : "\n",
							 tree_call_choice(table, path));
	}
	return lines.len == 0 ? NULL : lines.data;
}

static Questions
find_questions(const Tree *tree)
{
	Questions questions = {0};
	ListCell *cell;

	foreach(cell, tree->tables)
	{
		TreeTable *table = lfirst(cell);

		if (table->problem != NULL)
			questions.problems = lappend(questions.problems, table);
		else if (table->owner == NULL)
			questions.open = lappend(questions.open, table);
	}
	return questions;
}

int
question_count_open(const Tree *tree)
{
	return list_length(find_questions(tree).open);
}

bool
question_is_left(const Tree *tree)
{
	Questions questions = find_questions(tree);

	return questions.open != NIL || questions.problems != NIL;
}

static char *
describe_problems(const List *problems)
{
	StringInfoData text;
	ListCell	  *cell;

	initStringInfo(&text);
	foreach(cell, problems)
	{
		const ErrorData *problem = ((TreeTable *) lfirst(cell))->problem;

		appendStringInfo(&text, "%s%s.%s%s", text.len == 0 ? "" : "\n", problem->message,
						 problem->hint != NULL ? " " : "",
						 problem->hint != NULL ? problem->hint : "");
	}
	return text.data;
}

static char *
describe_open(const List *open)
{
	StringInfoData text;
	ListCell	  *cell;

	initStringInfo(&text);
	foreach(cell, open)
	{
		const TreeTable *table = lfirst(cell);

		appendStringInfo(&text, "%s%s: by %s.", text.len == 0 ? "" : "\n", table->name,
						 owner_path_choices(table->candidates));
	}
	return text.data;
}

/* The answers to type for each of these tables, and then the whole call. */
static char *
advise(const Questions *questions, const char *call)
{
	StringInfoData text;
	ListCell	  *cell;
	ListCell	  *candidate;

	initStringInfo(&text);
	if (questions->problems != NIL)
		appendStringInfoString(&text, "Mend what can't be cloned, or name it in leave_out. ");
	if (questions->open != NIL)
		appendStringInfoString(&text, "Put one line for each table into choices:\n");
	foreach(cell, questions->open)
	{
		const TreeTable *table = lfirst(cell);

		foreach(candidate, table->candidates)
			appendStringInfo(&text, "%s\n", tree_call_member(table, lfirst(candidate)));
	}
	appendStringInfo(&text, "For example:\n%s", call);
	return text.data;
}

static void
raise_open(const Questions *questions, const char *call)
{
	int				 count = list_length(questions->open);
	const TreeTable *first = linitial(questions->open);

	ereport(ERROR,
			(errcode(ERRCODE_AMBIGUOUS_PARAMETER),
			 count == 1 ? errmsg("table %s has more than one possible owner path", first->name)
						: errmsg("%d tables have more than one possible owner path", count),
			 errdetail("A row belongs to one user.\n%s", describe_open(questions->open)),
			 errhint("%s", advise(questions, call))));
}

static void
raise_problems(const Questions *questions, const char *call)
{
	const ErrorData *first = ((TreeTable *) linitial(questions->problems))->problem;
	int				 count = list_length(questions->problems) + list_length(questions->open);

	ereport(ERROR, (errcode(first->sqlerrcode),
					errmsg_plural("%d table can't be cloned as it is",
								  "%d tables can't be cloned as they are", count, count),
					errdetail("%s%s%s", describe_problems(questions->problems),
							  questions->open == NIL ? "" : "\n", describe_open(questions->open)),
					errhint("%s", advise(questions, call))));
}

void
question_raise(const Tree *tree, const char *call)
{
	Questions questions = find_questions(tree);

	if (questions.problems == NIL)
		raise_open(&questions, call);
	if (questions.open == NIL && list_length(questions.problems) == 1)
		ReThrowError(((TreeTable *) linitial(questions.problems))->problem);
	raise_problems(&questions, call);
}
