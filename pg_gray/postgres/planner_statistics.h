/*
 * planner_statistics.h: sets the planner's assumptions about tables in place of the statistics
 */
#ifndef PG_GRAY_POSTGRES_PLANNER_STATISTICS_H
#define PG_GRAY_POSTGRES_PLANNER_STATISTICS_H

/*
 * A user with many rows: rows_of returns the user's number of rows in a table (Oid); 0: not known.
 */
typedef struct LargeUser
{
	double (*rows_of)(const struct LargeUser *user, unsigned int table);
} LargeUser;

/*
 * The assumptions: every table is large, whatever its real size, and a user has some rows.  For a
 * large user, tables have the size of their files, and the user has the known number of rows.
 */
typedef struct PlannerStatistics
{
	const LargeUser *large; /* null: any small user */
} PlannerStatistics;

/* Set the assumptions from now on; null: PostgreSQL's own statistics count. */
extern void						planner_statistics_set(const PlannerStatistics *wanted);
extern const PlannerStatistics *planner_statistics_now(void);

/* Called once, from _PG_init. */
extern void planner_statistics_init(void);

#endif /* PG_GRAY_POSTGRES_PLANNER_STATISTICS_H */
