/*
 * store.h: the shop's database connection, one transaction per request
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>

#define STORE_MAX_STEPS 6

typedef struct Store Store;

/* How a request ended, in the words of its HTTP status. */
typedef enum StoreResult
{
	STORE_OK,
	STORE_NOT_FOUND,   /* a step that reads found no row */
	STORE_BAD_VALUE,   /* a value is not of its column's type */
	STORE_CONFLICT,	   /* a constraint said no */
	STORE_WRONG_SIDE,  /* GR001: this user's data is on the other side now */
	STORE_UNAVAILABLE, /* no database, or it asks to try again */
	STORE_FAILED	   /* any other error of the database */
} StoreResult;

/* One request to the database.  All strings are borrowed, and may be NULL. */
typedef struct StoreRequest
{
	const char *const *steps; /* SQL, at most STORE_MAX_STEPS, ends with NULL */
	const char		  *uid;	  /* $1 */
	const char		  *id;	  /* $2 */
	const char		  *body;  /* $3, JSON */
} StoreRequest;

/* What came back; the caller frees all three with free(); each may be NULL. */
typedef struct StoreAnswer
{
	char *json;	  /* first column of the last step's first row */
	char *schema; /* the schema in which table orders was found */
	char *error;  /* SQLSTATE and message, when not STORE_OK */
} StoreAnswer;

/*
 * Connects at the first request, and again when the connection was lost.  The
 * strings are borrowed.  strict: each user's transaction begins with gray_enter.
 */
extern Store *store_create(const char *conninfo, const char *search_path, bool strict);

/*
 * Runs the steps in one transaction, and commits when all succeeded.  A step whose
 * first result column is called "id" sets $2 for the steps after it.  Blocks.
 */
extern StoreResult store_run(Store *store, const StoreRequest *request, StoreAnswer *answer);

#endif /* STORE_H */
