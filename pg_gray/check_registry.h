/*
 * check_registry.h: tables by which an extension or an application knows production's tables
 */
#ifndef CHECK_REGISTRY_H
#define CHECK_REGISTRY_H

#include "finding.h"
#include "twin.h"

/*
 * Add a warning for each table outside the release that names tables of it, as data: in a
 * regclass column, or in any column of names where the table is an extension's.  Gray tables are
 * not known there.
 */
extern void check_registries(const TwinSet *set, Findings *findings);

#endif /* CHECK_REGISTRY_H */
