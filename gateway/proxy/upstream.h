/*
 * upstream.h: a connection to a server
 *
 * Life cycle: connecting -> busy with a request -> idle in its server's pool -> busy again ...
 * -> closed. An idle connection is still read: any event on it (mostly the server's close) ends
 * it.
 */
#ifndef GATEWAY_PROXY_UPSTREAM_H
#define GATEWAY_PROXY_UPSTREAM_H

#include "http/message.h"
#include "proxy/connection.h"
#include "proxy/server.h"

/*
 * The events of a request. The handlers are called from the loop, and by upstream_resume. Each
 * may close the connection.
 */
typedef struct UpstreamHandlers
{
	/* A head came, also one of 1xx. False: the rest is left unread until upstream_resume. */
	bool (*head)(void *owner, const Head *head);
	/* A piece of the body came, without framing. */
	void (*body)(void *owner, const char *bytes, size_t length);
	/*
	 * Called if the body is spliced: pass a piece of the body on from the socket, and tell
	 * message_passed of it. result is as of channel_recv. Return false if the piece has to be
	 * read.
	 */
	bool (*splice)(void *owner, ChannelResult *result);
	/* All bytes that have come were handed on. */
	void (*flush)(void *owner);
	/* The answer is complete. reusable: the connection is clean, too. */
	void (*answered)(void *owner, bool reusable);
	/* Nothing waits to be sent any more. */
	void (*drained)(void *owner);
	/* The server, behind a 101, sends no more. */
	void (*ended)(void *owner, bool in_order);
	/* The server could not be connected. */
	void (*unreachable)(void *owner, const char *problem);
	/* The connection ended too early, or brought bytes that are no HTTP. */
	void (*broken)(void *owner, const char *problem, bool nothing_came);
} UpstreamHandlers;

/* The task of a busy connection. It is part of the request. */
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
	LIST_ENTRY(Upstream) idle_entry; /* for the pool alone */
	Connection			connection;
	Server			   *server;	   /* borrowed */
	const UpstreamTask *task;	   /* borrowed; NULL when idle */
	struct event	   *ask_event; /* owned; for asking a path again; NULL: not waited for */
	UpstreamPhase		phase;
	bool				connected; /* the socket is connected; TLS may not be there yet */
	bool				paused;	   /* the answer's bytes can't be passed on now */
	bool				splices;   /* set by the owner: the body is not read but spliced */
	bool				reused;	   /* it was idle in the pool */
	bool				heard;	   /* a byte of the present answer came */
	bool				trial;	   /* for the pool alone: tries whether the server is back */
	size_t				scanned;
	unsigned			interims; /* answers of 1xx before the present one */
	Message				answer;
} Upstream;

/* Begin a connection for a task (borrowed). Return NULL, with errno, if that failed at once. */
extern Upstream *upstream_connect(Server *server, const UpstreamTask *task);

/* Make an idle connection busy again. */
extern void upstream_reuse(Upstream *upstream, const UpstreamTask *task);

/*
 * Has the server closed an idle connection or sent bytes, as far as the loop has heard? Events
 * after the loop's last look could as well come when the request is under way.
 */
extern bool upstream_stirs(Upstream *upstream);

/* Has the server, by now, neither closed the connection nor sent bytes? Costs one system call. */
extern bool upstream_quiet(Upstream *upstream);

/* Read on after the handler for heads returned false, or after upstream_pause. */
extern void upstream_resume(Upstream *upstream);
extern void upstream_pause(Upstream *upstream);

/* Close the connection, and free it after the loop's turn. The owner of its task is not told. */
extern void upstream_close(Upstream *upstream);

/* Make the connection idle: its task is over and the connection is clean. */
extern void upstream_rest(Upstream *upstream);

/* Return what is waited for too long, as a problem to fail the request with, or NULL. */
extern const char *upstream_overdue(const Upstream *upstream, uint64_t now_ms);

#endif /* GATEWAY_PROXY_UPSTREAM_H */
