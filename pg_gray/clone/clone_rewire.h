/*
 * clone_rewire.h: rules and policies of gray tables that name what has a twin
 */
#ifndef PG_GRAY_CLONE_CLONE_REWIRE_H
#define PG_GRAY_CLONE_CLONE_REWIRE_H

struct ViewPlan;

/*
 * Make anew the rules and policies of the release's gray tables that name a table or
 * view of production which has a twin: they were made before that twin was.  The text is
 * gray's own, so what the user changed stays.  Warns of one that can't be made, which
 * stays as it is.  The caller has called SPI_connect and acts as the catalog owner.
 */
extern void rewire_tables(const struct ViewPlan *plan);

#endif /* PG_GRAY_CLONE_CLONE_REWIRE_H */
