/*
 * replay.h: the body of a request as it was sent on, kept to be sent again
 *
 * Life: added to, in memory and then in a file without a name -> rewound and taken
 * from, piece by piece, on each further sending -> ended when the answer begins.
 * Files are local and their pages in memory: reading and writing them blocks for
 * moments only, a piece at a time.
 */
#ifndef GATEWAY_PROXY_REPLAY_H
#define GATEWAY_PROXY_REPLAY_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/span.h"

#define REPLAY_PIECE_BYTES 65536

/* All zeros is nothing kept; replay_free when it is not needed any more. */
typedef struct Replay
{
	Buffer	 tail;	   /* what is not in the file */
	uint64_t filed;	   /* bytes in the file, from its beginning */
	uint64_t taken;	   /* while behind: bytes of all that were sent again */
	uint64_t expected; /* bytes that will have come in the end; 0: nobody knows */
	int		 file;	   /* descriptor; valid if open */
	bool	 open;
	bool	 behind; /* not all that is kept has been taken since the last rewinding */
	bool	 ended;	 /* to be given up as soon as it is not behind */
} Replay;

typedef struct ReplayLimits
{
	size_t		memory_bytes;
	uint64_t	spool_bytes; /* in the file; 0: no file */
	uint64_t	total_bytes; /* in all files of the process */
	const char *directory;	 /* ""; that of temporary files */
} ReplayLimits;

/* Would so many bytes more have to go to the file? */
extern bool replay_overflows(const Replay *replay, size_t more, size_t memory_bytes);

/*
 * Keeps bytes that are sent on, not while it is behind.  False: they cannot be kept; then
 * nothing is.  Why, if that is not for a limit of one request, is logged once.
 */
extern bool replay_add(Replay *replay, const ReplayLimits *limits, const char *bytes, size_t length);

/* All is to be taken from the beginning. */
extern void replay_rewind(Replay *replay);

typedef enum ReplayStep
{
	REPLAY_PIECE, /* send it; borrowed until the next call for any Replay */
	REPLAY_DONE,  /* nothing is left to take */
	REPLAY_BROKEN /* the file cannot be read; problem is errno */
} ReplayStep;

extern ReplayStep replay_take(Replay *replay, Span *piece);

/* Nothing more is added, nor rewound; what is left to take remains. */
extern void replay_end(Replay *replay);

extern void replay_free(Replay *replay);

/* Bytes in all files of the process. */
extern uint64_t replay_spooled(void);

/* Can files be made there?  errno says why not. */
extern bool replay_directory_works(const char *directory);

#endif /* GATEWAY_PROXY_REPLAY_H */
