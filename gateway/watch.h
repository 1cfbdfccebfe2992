/*
 * watch.h: keeps the roster current
 *
 * Life of its connection: opening -> LISTEN -> loading (where the extension
 * is, the release's line, the roster) -> watching; any doubt loads again.
 * When it breaks the old roster stays in use until the next one is loaded.
 */
#ifndef WATCH_H
#define WATCH_H

#include "roster.h"
#include "worker.h"

typedef struct Watch Watch;

extern Watch *watch_new(Worker *worker);
extern void	  watch_free(Watch *watch);
extern void	  watch_start(Watch *watch);

/* NULL until it was loaded once; borrowed, and replaced by the next load. */
extern Roster *watch_roster(Watch *watch);

/* Is the database there, and the roster current? */
extern bool watch_connected(const Watch *watch);

/* Does the release exist, as far as is known? */
extern bool watch_release_known(const Watch *watch);

/* The schema of the extension's functions, quoted for SQL; NULL if not known. */
extern const char *watch_schema(const Watch *watch);

#endif /* WATCH_H */
