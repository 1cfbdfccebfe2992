/*
 * planner_statistics.h: what the planner believes of tables, instead of what statistics say
 */
#ifndef PG_GRAY_POSTGRES_PLANNER_STATISTICS_H
#define PG_GRAY_POSTGRES_PLANNER_STATISTICS_H

/* A user of many rows: how many of them a table (Oid) has; 0: not known. */
typedef struct LargeUser
{
	double (*rows_of)(const struct LargeUser *user, unsigned int table);
} LargeUser;

/*
 * Tables are large, whatever size they have, and a user's rows are some.  For a large user, tables
 * have the size of their files, and the user's rows are as many as are known.
 */
typedef struct PlannerStatistics
{
	const LargeUser *large; /* null: any small user */
} PlannerStatistics;

/* What is believed from now on; null: nothing but what PostgreSQL finds out itself. */
extern void						planner_statistics_set(const PlannerStatistics *wanted);
extern const PlannerStatistics *planner_statistics_now(void);

/* Called once, from _PG_init. */
extern void planner_statistics_init(void);

#endif /* PG_GRAY_POSTGRES_PLANNER_STATISTICS_H */
