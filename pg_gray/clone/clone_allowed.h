/*
 * clone_allowed.h: refuses production tables that can't be cloned, and callers who may not clone
 * them
 */
#ifndef PG_GRAY_CLONE_CLONE_ALLOWED_H
#define PG_GRAY_CLONE_CLONE_ALLOWED_H

struct Release;

/*
 * Raise unless role `caller` may clone this relation into the release, whose tables belong to role
 * `owner`.  Keeps the relation and its partitions locked ACCESS SHARE until the end of the
 * transaction, so that their structure stays as it is.  The caller has called SPI_connect and acts
 * as the catalog owner.
 */
extern void clonable_check(const struct Release *release, unsigned int owner, unsigned int relation,
						   unsigned int caller);

#endif /* PG_GRAY_CLONE_CLONE_ALLOWED_H */
