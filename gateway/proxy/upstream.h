/*
 * upstream.h: a connection to a server
 *
 * Life: connecting -> busy with a request -> idle in its server's pool ->
 * busy again ... -> closed.  An idle one is still read from: whatever comes
 * (mostly the server closing it) ends it.
 */
#ifndef GATEWAY_PROXY_UPSTREAM_H
#define GATEWAY_PROXY_UPSTREAM_H

#include "http/message.h"
#include "proxy/connection.h"
#include "proxy/server.h"

/* What comes of a request; called from the loop, and by upstream_resume.  Each may close it. */
typedef struct UpstreamHandlers
{
	/* A head, also one of 1xx.  False: it is left unread until upstream_resume. */
	bool (*head)(void *owner, const Head *head);
	/* A piece of the body, without framing. */
	void (*body)(void *owner, const char *bytes, size_t length);
	/*
	 * If it splices: passes a piece of the body on from the socket, as message_passed is told;
	 * result as of channel_recv.  False: it has to be read.
	 */
	bool (*splice)(void *owner, ChannelResult *result);
	/* All that has come was handed on. */
	void (*flush)(void *owner);
	/* The answer is complete; reusable: and the connection is clean. */
	void (*answered)(void *owner, bool reusable);
	/* Nothing waits to be sent any more. */
	void (*drained)(void *owner);
	/* Behind a 101: the server sends no more. */
	void (*ended)(void *owner, bool in_order);
	/* It could not be connected. */
	void (*unreachable)(void *owner, const char *problem);
	/* It ended too early, or said something that is no HTTP. */
	void (*broken)(void *owner, const char *problem, bool nothing_came);
} UpstreamHandlers;

/* What a connection is busy with; in the request. */
typedef struct UpstreamTask
{
	const UpstreamHandlers *handlers;
	void				   *owner;
	bool					is_head; /* method HEAD */
	bool					upgrade; /* the server was asked to switch protocols */
} UpstreamTask;

typedef enum UpstreamPhase
{
	UPSTREAM_CONNECTING,
	UPSTREAM_HEAD, /* the head of an answer is awaited */
	UPSTREAM_BODY, /* its body is being read */
	UPSTREAM_IDLE,
	UPSTREAM_CLOSED
} UpstreamPhase;

typedef struct Upstream
{
	LIST_ENTRY(Upstream) idle_entry; /* the pool's own */
	Connection			connection;
	Server			   *server;	   /* borrowed */
	const UpstreamTask *task;	   /* borrowed; NULL when idle */
	struct event	   *ask_event; /* owned; to ask a path again; NULL: not waited for */
	UpstreamPhase		phase;
	bool				connected; /* the socket is; TLS may not be there yet */
	bool				paused;	   /* what it says can't go on */
	bool				splices;   /* its owner's: the body is not read */
	bool				reused;	   /* it was idle in the pool */
	bool				heard;	   /* a byte of the present answer came */
	bool				trial;	   /* the pool's own: finds out whether the server is back */
	size_t				scanned;
	unsigned			interims; /* answers of 1xx before the present one */
	Message				answer;
} Upstream;

/* A connection being made for a task (borrowed); NULL with errno if that failed at once. */
extern Upstream *upstream_connect(Server *server, const UpstreamTask *task);

/* An idle one is busy again. */
extern void upstream_reuse(Upstream *upstream, const UpstreamTask *task);

/*
 * Has an idle one been closed, or said anything, as far as the loop has heard?  What came later than
 * the loop looked last could as well come when the request is under way.
 */
extern bool upstream_stirs(Upstream *upstream);

/* Has the server neither closed it nor said anything, by now?  One system call. */
extern bool upstream_quiet(Upstream *upstream);

/* Reads on after the handler for heads said no, or after upstream_pause. */
extern void upstream_resume(Upstream *upstream);
extern void upstream_pause(Upstream *upstream);

/* Frees it after the loop turn; the owner of its task is not told. */
extern void upstream_close(Upstream *upstream);

/* The task is over and the connection clean: now it is idle. */
extern void upstream_rest(Upstream *upstream);

/* What is being waited for, or NULL: a problem to fail the request with. */
extern const char *upstream_overdue(const Upstream *upstream, uint64_t now_ms);

#endif /* GATEWAY_PROXY_UPSTREAM_H */
