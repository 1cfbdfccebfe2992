/*
 * replay.h: the body of a request as it was sent on, kept to be sent again
 *
 * Life cycle: bytes are added, to memory and then to a file without a name -> for each further
 * sending the body is rewound and taken piece by piece -> it is ended when the answer begins.
 *
 * Files are local and their pages are in memory. Reading and writing them blocks for moments
 * only, a piece at a time.
 */
#ifndef GATEWAY_PROXY_REPLAY_H
#define GATEWAY_PROXY_REPLAY_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/span.h"

#define REPLAY_PIECE_BYTES 65536

/* All zero: nothing is kept. Call replay_free when it is not needed any more. */
typedef struct Replay
{
	Buffer	 tail;	   /* the bytes that are not in the file */
	uint64_t filed;	   /* bytes in the file, which are the body's first */
	uint64_t taken;	   /* while behind: bytes, of all, that were sent again */
	uint64_t expected; /* bytes that will have come in the end; 0: not known */
	int		 file;	   /* descriptor; valid if open */
	bool	 open;
	bool	 behind; /* some kept bytes were not taken since the last rewinding */
	bool	 ended;	 /* to be given up as soon as it is not behind */
} Replay;

typedef struct ReplayLimits
{
	size_t		memory_bytes;
	uint64_t	spool_bytes; /* most bytes in the file; 0: no file is used */
	uint64_t	total_bytes; /* most bytes in all files of the process */
	const char *directory;	 /* directory of the files; "": that of temporary files */
} ReplayLimits;

/* Would so many bytes more have to go to the file? */
extern bool replay_overflows(const Replay *replay, size_t more, size_t memory_bytes);

/*
 * Keep bytes that are sent on; not to be called while behind. Return false if they can't be
 * kept: then nothing of the body is kept any more. A reason other than the limit of one request
 * is logged once.
 */
extern bool replay_add(Replay *replay, const ReplayLimits *limits, const char *bytes, size_t length);

/* Have all bytes taken from the beginning. */
extern void replay_rewind(Replay *replay);

typedef enum ReplayStep
{
	REPLAY_PIECE, /* send the piece; it is borrowed until the next call for any Replay */
	REPLAY_DONE,  /* nothing is left to take */
	REPLAY_BROKEN /* the file can't be read; problem is errno */
} ReplayStep;

extern ReplayStep replay_take(Replay *replay, Span *piece);

/*
 * Let nothing more be added, and do not rewind any more. The bytes that were not taken yet
 * remain.
 */
extern void replay_end(Replay *replay);

extern void replay_free(Replay *replay);

/* Return how many bytes are in all files of the process. */
extern uint64_t replay_spooled(void);

/* Can files be made in the directory? If not, errno says why. */
extern bool replay_directory_works(const char *directory);

#endif /* GATEWAY_PROXY_REPLAY_H */
