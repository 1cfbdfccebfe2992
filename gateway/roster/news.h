/*
 * news.h: when to read what is new, and when everything
 *
 * Pure.  Hints are kept as two flags, however many there are.  Of either kind of reading one is
 * under way at a time; then there is a pause of nine times what it took, within bounds.  So
 * readings take a tenth of the time, whoever sends hints, and whatever makes them slow.
 */
#ifndef GATEWAY_ROSTER_NEWS_H
#define GATEWAY_ROSTER_NEWS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum NewsReading
{
	NEWS_LOOK, /* what has changed since the last reading */
	NEWS_LOAD, /* everything */
	NEWS_READINGS
} NewsReading;

#define NEWS_LOOK_PAUSE_LEAST_US 10000
#define NEWS_LOOK_PAUSE_MOST_US 5000000
#define NEWS_LOAD_PAUSE_LEAST_US 1000000
#define NEWS_LOAD_PAUSE_MOST_US 60000000
#define NEWS_RETRY_US 2000000 /* after a reading that failed, at the least */
#define NEWS_NEVER UINT64_MAX

/* All zero at first: disconnected, nothing wanted. */
typedef struct News
{
	bool connected;
	bool loaded; /* there is something to look from */
	struct
	{
		bool	 wanted;
		bool	 under_way;
		uint64_t begun_us;
		uint64_t not_before_us;
	} readings[NEWS_READINGS];
} News;

/*
 * The connection is there: what was missed has to be looked at, and everything be loaded, for the
 * database may be another one.
 */
extern void news_connected(News *news);

/* What was under way will not end.  What is next need not wait: connecting again does. */
extern void news_lost(News *news);

extern void news_want(News *news, NewsReading reading);

/* It is wanted now, whatever the last one took: by us, who ask at our own pace. */
extern void news_press(News *news, NewsReading reading);

/* When a reading is due: now or in the past, later, or NEWS_NEVER as things are. */
extern uint64_t news_due_us(const News *news, NewsReading reading);

/* A reading is due, and begins. */
extern void news_begin(News *news, NewsReading reading, uint64_t now_us);

/*
 * It has ended.  ok: it is what it should be; else everything is wanted, in a while.
 * A hint that came meanwhile is still to be followed.
 */
extern void news_end(News *news, NewsReading reading, bool ok, uint64_t now_us);

#endif /* GATEWAY_ROSTER_NEWS_H */
