/*
 * roster_file.h: the file in which a roster is kept for the next process
 *
 * It is written under another name first, down to the disk, and takes its own name then: there
 * is always a whole one.  Of several processes that would write, one does.
 */
#ifndef GATEWAY_ROSTER_ROSTER_FILE_H
#define GATEWAY_ROSTER_ROSTER_FILE_H

#include "config/settings.h"
#include "roster/roster.h"

/*
 * Reads settings->roster_file.  True: roster and id are owned by the caller.  False: it is not
 * there, or is not to be trusted (which is logged), and nothing is changed.
 */
extern bool roster_file_read(const Settings *settings, Roster **roster, char **id);

/* Writes it; blocks.  False: it could not, and problem (of that size) says why. */
extern bool roster_file_write(const Settings *settings, const Roster *roster, const char *id,
							  char *problem, size_t size);

#endif /* GATEWAY_ROSTER_ROSTER_FILE_H */
