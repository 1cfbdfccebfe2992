/*
 * systemd.h: talks to the service manager: receives the sockets that it hands over, and tells it
 * the state of the process
 *
 * The protocols are those of sd_listen_fds(3) and sd_notify(3). The manual pages say that the
 * protocols are stable and may be spoken without systemd's library. By the first protocol, the
 * starter of the process keeps the sockets open, so that no client is lost between one process and
 * the next. By the second protocol, one datagram goes to the socket that the environment names. If
 * the environment names none, nothing is done.
 */
#ifndef GATEWAY_PROCESS_SYSTEMD_H
#define GATEWAY_PROCESS_SYSTEMD_H

#include "base/address.h"

/* Find the sockets that were handed over to this process. Called once, at the start. */
extern void systemd_receive(void);

/* Return the socket that listens on that address, non-blocking; -1 if none was handed over. */
extern int systemd_socket(const Address *address);

/* Close and log the sockets that no address took. */
extern void systemd_close_rest(void);

/* Send READY=1 or STOPPING=1. */
extern void systemd_notify(const char *state);

/* Send RELOADING=1 with the time that belongs to it. */
extern void systemd_notify_reloading(void);

/* Stop notifications in a process whose state is not the state of the service. */
extern void systemd_silence(void);

#endif /* GATEWAY_PROCESS_SYSTEMD_H */
