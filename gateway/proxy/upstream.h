/*
 * upstream.h: a connection to a server
 *
 * Life: connecting -> busy with an exchange -> idle in its server's pool ->
 * busy again ... -> closed.  An idle one is still read from: whatever comes
 * (mostly the server closing it) ends it.
 */
#ifndef GATEWAY_PROXY_UPSTREAM_H
#define GATEWAY_PROXY_UPSTREAM_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/queue.h>

#include "base/buffer.h"
#include "http/message.h"
#include "net/channel.h"

struct Exchange;
struct Server;

typedef enum UpstreamPhase
{
	UPSTREAM_CONNECTING,
	UPSTREAM_HEAD, /* the head of an answer is awaited */
	UPSTREAM_BODY, /* its body is being read */
	UPSTREAM_IDLE,
	UPSTREAM_CLOSED
} UpstreamPhase;

/* For upstream.c and, where it says so, pool.c. */
typedef struct Upstream
{
	LIST_ENTRY(Upstream) idle_entry; /* the pool's own */
	struct Server	*server;		 /* borrowed */
	struct Exchange *exchange;		 /* borrowed; NULL when idle */
	struct event	 read_event;
	struct event	 write_event;
	Channel			 channel;
	UpstreamPhase	 phase;
	bool			 shaking; /* connected, and TLS is not there yet */
	bool			 reading; /* read_event is added */
	bool			 paused;  /* the client is blocked, or the answer has to wait */
	bool			 reused;  /* it was idle in the pool */
	bool			 heard;	  /* a byte of the present answer came */
	bool			 sent;	  /* a byte of the present request went */
	bool			 trial;	  /* the pool's own: finds out whether the server is back */
	bool			 deaf;	  /* sending failed; what it said before may still come */
	bool			 at_end;  /* it sends no more */
	bool			 shut;	  /* when all is sent, say that no more comes */
	Buffer			 in;
	Buffer			 out;
	size_t			 scanned;
	unsigned		 interims; /* answers of 1xx before the present one */
	Message			 answer;
	uint64_t		 active_ms; /* when bytes went last, either way */
} Upstream;

/* A connection being made for an exchange (borrowed); NULL with errno if that failed at once. */
extern Upstream *upstream_connect(struct Server *server, struct Exchange *exchange);

/* An idle one is busy again. */
extern void upstream_reuse(Upstream *upstream, struct Exchange *exchange);

/*
 * Has an idle one been closed, or said anything, as far as the loop has heard?  What came later than
 * the loop looked last could as well come when the request is under way.
 */
extern bool upstream_stirs(Upstream *upstream);

/* Has the server neither closed it nor said anything, by now?  One system call. */
extern bool upstream_quiet(Upstream *upstream);

/* Sends what the socket takes and keeps the rest. */
extern void upstream_send(Upstream *upstream, const char *bytes, size_t length);

/* The same for what ends a request, as client_post. */
extern void upstream_post(Upstream *upstream, const char *bytes, size_t length);

/* The same for what is in the exchange's upload (splice.h). */
extern void upstream_send_pipe(Upstream *upstream);
extern bool upstream_blocked(const Upstream *upstream);

/* Tells the server that this was all, once it is sent. */
extern void upstream_shut(Upstream *upstream);

/* Reads on after exchange_head said wait, or after the client was blocked. */
extern void upstream_resume(Upstream *upstream);
extern void upstream_pause(Upstream *upstream);

/* Frees it after the loop turn; its exchange is not told. */
extern void upstream_close(Upstream *upstream);

/* The exchange is over and the connection clean: now it is idle. */
extern void upstream_rest(Upstream *upstream);

/* What is being waited for, or NULL: a problem to fail the exchange with. */
extern const char *upstream_overdue(const Upstream *upstream, uint64_t now_ms);
extern bool		   upstream_connecting(const Upstream *upstream);
extern bool		   upstream_awaits_head(const Upstream *upstream);

#endif /* GATEWAY_PROXY_UPSTREAM_H */
