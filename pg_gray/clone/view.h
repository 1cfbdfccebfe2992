/*
 * view.h: the views of a release, and their twins in the gray schema
 *
 * A production view that reads a table of the release, directly or through other views, gets a twin
 * of the same name in the gray schema.  Without the twin, version 2 would find production's view,
 * and read production's frozen rows through it.
 *
 * A twin is left alone in these cases:
 * - gray_clone did not make the twin.
 * - The user changed the twin: its definition is not the one that gray_clone left and noted in
 *   gray.release_view.  The definition is the query, the options and the rules, as PostgreSQL
 *   prints them with all names qualified.
 * - The user dropped the twin.
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
	VIEW_REPLACE,	/* its twin reads a production relation that now has a twin */
	VIEW_KEEP,		/* its twin is as it should be, or is left to the user */
	VIEW_DROPPED,	/* it had a twin, and the user dropped it */
	VIEW_IMPOSSIBLE /* see obstacle */
} ViewFate;

typedef struct View
{
	const struct Reader *reader;
	ViewFate			 fate;
	char				*gray;			/* the twin's name in gray, qualified and quoted */
	unsigned int		 twin;			/* Oid of the relation of this name; 0: none */
	bool				 is_registered; /* gray_clone made its twin */
	char				*obstacle;		/* null: there is none */
	char				*path[2];		/* by Side: view_path of this view */
	char				*hint;			/* what the user can do about it */
} View;

typedef struct ViewPlan
{
	const struct Release *release;
	struct List			 *tables;		/* Oid, of production */
	struct List			 *table_places; /* Oid: one table of each schema that has tables */
	struct List			 *places;		/* Oid: these, and one reader of each further schema */
	struct List			 *readers;		/* Reader: the views of `views`, and materialized views */
	struct List			 *views;		/* View, each after the views that it reads */
} ViewPlan;

/* The production tables (Oids) of a release. */
extern struct List *view_tables(const struct TwinSet *set);

/*
 * Return a production relation that gray view `twin` reads although this relation has a twin; 0 if
 * there is none.  The caller has called SPI_connect and acts as the catalog owner, also for the
 * functions below.
 */
extern unsigned int view_reads_production(const ViewPlan *plan, unsigned int twin);

/* Does version 2 find a relation in gray for this relation of production, or for this partition? */
extern bool view_has_twin(const ViewPlan *plan, unsigned int relation);

/* The Oid of the gray relation with the name of this production relation, or 0. */
extern unsigned int view_twin_by_name(const struct Release *release, unsigned int relation);

/* Append one of `relations` (Oids) for each schema that no relation of `places` is in. */
extern struct List *view_append_places(struct List *places, const struct List *relations);

/*
 * The search_path under which the definition of a view is printed (production) or run (gray).
 * First come the schemas of the relations that the view reads, so that no other relation hides
 * their names; then the schemas of all tables; then the schemas of all views.  With a null reader
 * the path is for any view, and begins with the tables.  The schema of temporary tables is named
 * last, since it would be first if it were not named.
 */
extern char *view_path(const ViewPlan *plan, const struct Reader *reader, Side side);

/* The definition of a gray view, by which a user's change is noticed; null if it is no view. */
extern char *view_definition(unsigned int twin);

/* The existing views that gray_clone made for a release, as "v2.a, v2.b"; or null. */
extern char *view_registered(const struct Release *release);

#endif /* PG_GRAY_CLONE_VIEW_H */
