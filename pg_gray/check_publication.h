/*
 * check_publication.h: publications by which subscribers stop
 */
#ifndef CHECK_PUBLICATION_H
#define CHECK_PUBLICATION_H

#include "finding.h"

struct Release;

/* The caller has called SPI_connect. */
extern void check_publications(const struct Release *release, Findings *findings);

#endif /* CHECK_PUBLICATION_H */
