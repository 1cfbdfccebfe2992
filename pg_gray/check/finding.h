/*
 * finding.h: one finding of gray_check, and the list of all findings
 */
#ifndef PG_GRAY_CHECK_FINDING_H
#define PG_GRAY_CHECK_FINDING_H

#include <stdbool.h>

struct List;

typedef struct Finding
{
	bool  is_error; /* else a warning */
	char *object;	/* the object that has the problem */
	char *problem;
	char *hint; /* the statements that help */
} Finding;

/* All findings so far, in order.  It is initialized to zeroes. */
typedef struct Findings
{
	struct List *list; /* Finding */
} Findings;

/* Append a finding.  Its texts are borrowed. */
extern void finding_add(Findings *findings, bool is_error, char *object, char *problem, char *hint);

#endif /* PG_GRAY_CHECK_FINDING_H */
