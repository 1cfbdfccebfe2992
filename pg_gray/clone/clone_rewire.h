/*
 * clone_rewire.h: re-creates rules and policies of gray tables that name a relation of production
 * which has a twin
 */
#ifndef PG_GRAY_CLONE_CLONE_REWIRE_H
#define PG_GRAY_CLONE_CLONE_REWIRE_H

struct ViewPlan;

/*
 * Re-create each rule and policy of the release's gray tables that names a production table or view
 * which has a twin.  Such a rule was made before the twin was.  The new rule or policy is made from
 * gray's own definition, so the user's changes stay.  Warns of a rule or policy that can't be
 * re-created, and leaves it as it is.  The caller has called SPI_connect and acts as the catalog
 * owner.
 */
extern void rewire_tables(const struct ViewPlan *plan);

#endif /* PG_GRAY_CLONE_CLONE_REWIRE_H */
