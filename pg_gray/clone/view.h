/*
 * view.h: views of a release, and what they are in gray
 *
 * A view of production that reads a table of the release, itself or through other
 * views, has a twin of the same name in the gray schema: else version 2, finding no
 * such name there, would read production's frozen rows through it.
 *
 * A twin is the user's, and left alone, when gray_clone did not make it, or when its
 * definition (query, options and rules, as PostgreSQL prints them with all names
 * qualified) is no longer the one that gray_clone left and gray.release_view has.
 * So is one that the user dropped.
 */
#ifndef PG_GRAY_CLONE_VIEW_H
#define PG_GRAY_CLONE_VIEW_H

#include <stdbool.h>

#include "release/side_state.h"

struct List;
struct Reader;
struct Release;
struct TwinSet;

typedef enum ViewFate
{
	VIEW_CREATE,	/* has no twin yet */
	VIEW_REPLACE,	/* its twin reads in production what has a twin of its own now */
	VIEW_KEEP,		/* its twin is as it should be, or the user's */
	VIEW_DROPPED,	/* it had a twin, and the user dropped it */
	VIEW_IMPOSSIBLE /* see obstacle */
} ViewFate;

typedef struct View
{
	const struct Reader *reader;
	ViewFate			 fate;
	char				*gray;			/* its twin's name, qualified and quoted */
	unsigned int		 twin;			/* Oid of what has this name; 0: nothing */
	bool				 is_registered; /* gray_clone made its twin */
	char				*obstacle;		/* null: there is none */
	char				*path[2];		/* by Side: as search_path.h says, of what it reads first */
	char				*hint;			/* what the user can do about it */
} View;

typedef struct ViewPlan
{
	const struct Release *release;
	struct List			 *tables;		/* Oid, of production */
	struct List			 *table_places; /* Oid: one of the tables in each of their schemas */
	struct List			 *places;		/* Oid: these, and one of the readers in each schema more */
	struct List			 *readers;		/* Reader: the views of `views`, and materialized ones */
	struct List			 *views;		/* View, each after those that it reads */
} ViewPlan;

/* The production tables (Oids) of a release. */
extern struct List *view_tables(const struct TwinSet *set);

/*
 * The relation of production among those that view `twin` reads which has a twin; 0: none.  The
 * caller has called SPI_connect and acts as the catalog owner, as below.
 */
extern unsigned int view_reads_production(const ViewPlan *plan, unsigned int twin);

/* Does version 2 find this relation of production, or its partition, in gray? */
extern bool view_has_twin(const ViewPlan *plan, unsigned int relation);

/* What has the name of this relation of production in gray: its Oid, or 0. */
extern unsigned int view_twin_by_name(const struct Release *release, unsigned int relation);

/* Append one relation (Oid) of each schema that is not among those of `places`. */
extern struct List *view_append_places(struct List *places, const struct List *relations);

/*
 * The path for definitions of a view, or, with null, of any: first the schemas of what it
 * reads, so that their names are not hidden by others, then those of all tables, and then
 * those of all views.  The schema of temporary tables comes last, and not, as when it is
 * not named, first.
 */
extern char *view_path(const ViewPlan *plan, const struct Reader *reader, Side side);

/* The definition of a view in gray, by which a user's change is known. */
extern char *view_definition(unsigned int twin);

/* The views that gray_clone made for a release and that are there: "v2.a, v2.b"; or null. */
extern char *view_registered(const struct Release *release);

#endif /* PG_GRAY_CLONE_VIEW_H */
