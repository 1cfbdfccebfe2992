/*
 * guard_name.h: finds the objects that a statement names, and locks none of them
 */
#ifndef PG_GRAY_GUARD_GUARD_NAME_H
#define PG_GRAY_GUARD_GUARD_NAME_H

#include "postgres.h"

#include "catalog/objectaddress.h"
#include "nodes/parsenodes.h"

/*
 * Return the relation; its objectId is 0 if there is none.  Raises, as PostgreSQL would, when the
 * role may not use the schema.
 */
extern ObjectAddress guard_name_relation(const RangeVar *name);

/*
 * Return an object of this kind, named as the parser does it in the statements that name objects
 * of several kinds; 0 if there is none.  For a part of a table or of a domain, returns the table or
 * the domain.  Casts and transforms are not found here.  Raises, as PostgreSQL would, for a name
 * that is ambiguous or malformed.
 */
extern ObjectAddress guard_name_find(ObjectType kind, Node *name);

/* Return the type; 0 if there is none. */
extern ObjectAddress guard_name_type(const TypeName *name);

/* Return the schema that the object is in, or the object itself if it is a schema; 0: none. */
extern unsigned int guard_name_schema(const ObjectAddress *object);

/* Return the object in words, always with its schema: "public.plans", "schema public". */
extern char *guard_name_words(const ObjectAddress *object);

#endif /* PG_GRAY_GUARD_GUARD_NAME_H */
