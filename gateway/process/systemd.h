/*
 * systemd.h: the service manager: sockets that it hands over, and how the process is doing
 *
 * The protocols of sd_listen_fds(3) and sd_notify(3), which say that they are stable and may be
 * spoken without its library.  By the first, whoever starts the process keeps the sockets open, so
 * that no client is lost between one process and the next.  By the second, one datagram goes to the
 * socket that the environment names.  Without that, nothing is done.
 */
#ifndef GATEWAY_PROCESS_SYSTEMD_H
#define GATEWAY_PROCESS_SYSTEMD_H

#include "base/address.h"

/* Looks what was handed over to this process; once, at the start. */
extern void systemd_receive(void);

/* The socket that listens on that address, non-blocking; -1: none was handed over. */
extern int systemd_socket(const Address *address);

/* Closes what nobody took, and logs it. */
extern void systemd_close_rest(void);

/* READY=1, STOPPING=1 */
extern void systemd_notify(const char *state);

/* RELOADING=1 with the time that goes with it. */
extern void systemd_notify_reloading(void);

/* In a process whose state is not that of the service. */
extern void systemd_silence(void);

#endif /* GATEWAY_PROCESS_SYSTEMD_H */
