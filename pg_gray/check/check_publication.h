/*
 * check_publication.h: publications that would send the tables of a release to subscribers
 *
 * A subscriber has production's tables.  It stops at the first row of a table that it
 * does not have, and can't be told to pass it over.
 */
#ifndef PG_GRAY_CHECK_CHECK_PUBLICATION_H
#define PG_GRAY_CHECK_CHECK_PUBLICATION_H

#include "check/finding.h"

struct List;
struct Release;

typedef struct WidePublication
{
	char *name;	   /* as it is, not quoted */
	char *content; /* "all tables" or "all tables of schema v2" */
	char *advice;  /* what to type */
} WidePublication;

/*
 * Those that contain schema gray or a gray schema (WidePublication); none if the latter does
 * not exist.  The caller has called SPI_connect.
 */
extern struct List *publication_find(const char *gray_schema);

/* Raise for the first of them. */
extern void publication_refuse(const char *gray_schema);

/* The caller has called SPI_connect. */
extern void check_publications(const struct Release *release, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_PUBLICATION_H */
