/*
 * follow_model.h: a database that others change, and a gateway that follows it, step by step
 */
#ifndef FOLLOW_MODEL_H
#define FOLLOW_MODEL_H

#include <stddef.h>
#include <stdint.h>

/*
 * Plays what the bytes say: changes, notifications true and forged, readings and answers in any
 * order, losses of the connection.  Aborts when the gateway reads too often, does not come to
 * rest when all is quiet, or then does not know each user as the database does.
 */
extern void follow_model_play(const uint8_t *bytes, size_t size);

#endif /* FOLLOW_MODEL_H */
