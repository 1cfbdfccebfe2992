/*
 * roster_file.h: the file in which a roster is kept for the next process
 *
 * The file is first written under another name and flushed to the disk, and then renamed. So
 * there is always a whole file. Of several processes that want to write the file, one does.
 */
#ifndef GATEWAY_ROSTER_ROSTER_FILE_H
#define GATEWAY_ROSTER_ROSTER_FILE_H

#include "config/settings.h"
#include "roster/roster.h"

/*
 * Read settings->roster_file. Return true: roster and id are owned by the caller. Return false
 * if the file is not there, or is not to be trusted (which is logged); then nothing is changed.
 */
extern bool roster_file_read(const Settings *settings, Roster **roster, char **id);

/* Write the file. Blocks. Return false if that failed; problem (of the given size) says why. */
extern bool roster_file_write(const Settings *settings, const Roster *roster, const char *id,
							  char *problem, size_t size);

#endif /* GATEWAY_ROSTER_ROSTER_FILE_H */
