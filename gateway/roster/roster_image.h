/*
 * roster_image.h: a roster as bytes, to be kept for the next process
 *
 * Pure.  What can't be read as a whole, and as of the same release and database, is not read:
 *
 *   "gray-gateway roster\n", version
 *   database, release, the release's id, uid type: texts, each behind its length in two bytes
 *   open, percentage, stuck side; when it was written, in seconds; how many users
 *   of each user: state and list in a byte, the length of the uid in one, the uid
 *   the SHA-256 of all that
 *
 * Numbers have their lowest byte first.
 */
#ifndef GATEWAY_ROSTER_ROSTER_IMAGE_H
#define GATEWAY_ROSTER_ROSTER_IMAGE_H

#include <stdint.h>
#include <stdio.h>

#include "roster/roster.h"

#define ROSTER_IMAGE_VERSION 1
#define ROSTER_IMAGE_BYTES_MAX (INT64_C(1) << 30) /* a larger image is not read */

/* The facts of an image. Texts are borrowed, and have at most ROSTER_IMAGE_TEXT_MAX bytes. */
typedef struct RosterImage
{
	const char *database;
	const char *release;
	const char *id;
	uint64_t	written_s;
} RosterImage;

#define ROSTER_IMAGE_TEXT_MAX 1023

/* Write an image. Return false if the stream has failed, or a text is too long. */
extern bool roster_image_write(FILE *stream, const RosterImage *image, const Roster *roster);

/*
 * Read an image of image->database and image->release. Return NULL if it is good: roster and id
 * are owned by the caller, and written_s is set. Otherwise return what is wrong; roster and id
 * are NULL.
 */
extern const char *roster_image_read(FILE *stream, RosterImage *image, Roster **roster, char **id);

#endif /* GATEWAY_ROSTER_ROSTER_IMAGE_H */
