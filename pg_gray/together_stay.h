/*
 * together_stay.h: the stays in gray of users who come home together, as one
 */
#ifndef TOGETHER_STAY_H
#define TOGETHER_STAY_H

struct Move;
struct Stay;

/*
 * What is known of the move's stay (null: of none yet) and of that of one more user.  Every row is
 * compared then: which of them nobody wrote is known of one user alone.  Raises when columns
 * were altered between the beginnings of the two, and it can't be told any more which values are old.
 */
extern struct Stay *together_stay(const struct Move *move, const struct Stay *other);

#endif /* TOGETHER_STAY_H */
