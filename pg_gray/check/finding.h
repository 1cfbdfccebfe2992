/*
 * finding.h: something that would go wrong
 */
#ifndef PG_GRAY_CHECK_FINDING_H
#define PG_GRAY_CHECK_FINDING_H

#include <stdbool.h>

struct List;

typedef struct Finding
{
	bool  is_error; /* else a warning */
	char *object;	/* what it is about */
	char *problem;
	char *hint; /* what to type */
} Finding;

/* All findings so far, in order.  Starts as zeroes. */
typedef struct Findings
{
	struct List *list; /* Finding */
} Findings;

/* Texts are borrowed. */
extern void finding_add(Findings *findings, bool is_error, char *object, char *problem, char *hint);

#endif /* PG_GRAY_CHECK_FINDING_H */
