/*
 * routes.h: the shop's API: which request is which SQL, in version 1 and 2
 */
#ifndef ROUTES_H
#define ROUTES_H

#include <stdbool.h>

#include "store.h"

typedef enum Version
{
	VERSION_1,
	VERSION_2,
	VERSION_COUNT
} Version;

typedef struct Route
{
	const char *method;
	const char *path; /* ends with "/" when an id follows */
	bool		needs_user;
	const char *steps[VERSION_COUNT][STORE_MAX_STEPS];
} Route;

/*
 * The route of a request, or NULL.  *id is set to where the id begins in path, or
 * to NULL when the route has none.
 */
extern const Route *routes_find(const char *method, const char *path, const char **id);

#endif /* ROUTES_H */
