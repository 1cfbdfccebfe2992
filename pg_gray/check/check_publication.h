/*
 * check_publication.h: finds publications that would send gray's tables to subscribers
 *
 * A subscriber has production's tables.  It stops at the first row of a table that it does not
 * have, and no setting makes it skip the row.
 */
#ifndef PG_GRAY_CHECK_CHECK_PUBLICATION_H
#define PG_GRAY_CHECK_CHECK_PUBLICATION_H

#include "check/finding.h"

struct List;
struct Release;

typedef struct WidePublication
{
	char *name;	   /* not quoted */
	char *content; /* "all tables" or "all tables of schema v2" */
	char *advice;  /* the statements that help */
} WidePublication;

/*
 * The publications (WidePublication) that contain schema gray or this gray schema; empty if the
 * gray schema does not exist.  The caller has called SPI_connect.
 */
extern struct List *publication_find(const char *gray_schema);

/* Raise an error for the first publication that publication_find returns. */
extern void publication_refuse(const char *gray_schema);

/* Add a finding for each such publication.  The caller has called SPI_connect. */
extern void check_publications(const struct Release *release, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_PUBLICATION_H */
