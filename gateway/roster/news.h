/*
 * news.h: tells when to look for changes, and when to load everything
 *
 * The functions are pure. Hints are kept as two flags, however many there are. Of either kind
 * of reading one is under way at a time. Then there is a pause of nine times the duration of
 * the reading, within bounds. So readings take a tenth of the time, whoever sends hints, and
 * whatever makes readings slow.
 */
#ifndef GATEWAY_ROSTER_NEWS_H
#define GATEWAY_ROSTER_NEWS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum NewsReading
{
	NEWS_LOOK, /* read the changes since the last reading */
	NEWS_LOAD, /* read everything */
	NEWS_READINGS
} NewsReading;

#define NEWS_LOOK_PAUSE_LEAST_US 10000
#define NEWS_LOOK_PAUSE_MOST_US 5000000
#define NEWS_LOAD_PAUSE_LEAST_US 1000000
#define NEWS_LOAD_PAUSE_MOST_US 60000000
#define NEWS_RETRY_US 2000000 /* at the least, after a reading that failed */
#define NEWS_NEVER UINT64_MAX

/* All zero at first: disconnected, nothing wanted. */
typedef struct News
{
	bool connected;
	bool loaded; /* there is a reading to look from */
	struct
	{
		bool	 wanted;
		bool	 under_way;
		uint64_t begun_us;
		uint64_t not_before_us;
	} readings[NEWS_READINGS];
} News;

/*
 * Note that the connection is there. A look at missed changes is wanted, and so is a load,
 * since the database may be another one.
 */
extern void news_connected(News *news);

/*
 * Note that the readings under way will not end. The next reading need not pause, since
 * connecting again takes time.
 */
extern void news_lost(News *news);

extern void news_want(News *news, NewsReading reading);

/*
 * Want a reading now, however long the last reading took. For ourselves, who ask at our own
 * pace.
 */
extern void news_press(News *news, NewsReading reading);

/* Return when a reading is due: now or in the past, later, or NEWS_NEVER in the present state. */
extern uint64_t news_due_us(const News *news, NewsReading reading);

/* Begin a reading that is due. */
extern void news_begin(News *news, NewsReading reading, uint64_t now_us);

/*
 * End a reading. ok: the reading is good. Otherwise a load is wanted, in a while. A hint that
 * came during the reading is still to be followed.
 */
extern void news_end(News *news, NewsReading reading, bool ok, uint64_t now_us);

#endif /* GATEWAY_ROSTER_NEWS_H */
