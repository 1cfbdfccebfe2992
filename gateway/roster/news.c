/*
 * news.c: tells when to look for changes, and when to load everything
 */
#include "roster/news.h"

#include <assert.h>

#define PAUSE_TIMES 9 /* times the duration of a reading */

static const struct
{
	uint64_t least_us;
	uint64_t most_us;
} pauses[NEWS_READINGS] = {
	[NEWS_LOOK] = {NEWS_LOOK_PAUSE_LEAST_US, NEWS_LOOK_PAUSE_MOST_US},
	[NEWS_LOAD] = {NEWS_LOAD_PAUSE_LEAST_US, NEWS_LOAD_PAUSE_MOST_US},
};

void
news_want(News *news, NewsReading reading)
{
	news->readings[reading].wanted = true;
}

void
news_press(News *news, NewsReading reading)
{
	news_want(news, reading);
	news->readings[reading].not_before_us = 0;
}

void
news_connected(News *news)
{
	news->connected = true;
	news_want(news, NEWS_LOOK);
	news_want(news, NEWS_LOAD);
}

void
news_lost(News *news)
{
	news->connected = false;
	for (int i = 0; i < NEWS_READINGS; i++)
	{
		news->readings[i].under_way = false;
		news->readings[i].not_before_us = 0;
	}
}

uint64_t
news_due_us(const News *news, NewsReading reading)
{
	if (!news->connected || !news->readings[reading].wanted || news->readings[reading].under_way)
		return NEWS_NEVER;
	if (reading == NEWS_LOOK && !news->loaded)
		return NEWS_NEVER;
	return news->readings[reading].not_before_us;
}

void
news_begin(News *news, NewsReading reading, uint64_t now_us)
{
	assert(news_due_us(news, reading) <= now_us);
	news->readings[reading].wanted = false;
	news->readings[reading].under_way = true;
	news->readings[reading].begun_us = now_us;
}

static uint64_t
pause_after(NewsReading reading, uint64_t took_us)
{
	if (took_us > pauses[reading].most_us / PAUSE_TIMES)
		return pauses[reading].most_us;
	took_us *= PAUSE_TIMES;
	return took_us > pauses[reading].least_us ? took_us : pauses[reading].least_us;
}

void
news_end(News *news, NewsReading reading, bool ok, uint64_t now_us)
{
	uint64_t pause_us = pause_after(reading, now_us - news->readings[reading].begun_us);

	news->readings[reading].under_way = false;
	news->readings[reading].not_before_us = now_us + pause_us;
	if (ok)
		return;
	news_want(news, NEWS_LOAD);
	if (news->readings[NEWS_LOAD].not_before_us < now_us + NEWS_RETRY_US)
		news->readings[NEWS_LOAD].not_before_us = now_us + NEWS_RETRY_US;
}
