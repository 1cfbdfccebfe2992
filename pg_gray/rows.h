/*
 * rows.h: returning rows from a set-returning function
 */
#ifndef ROWS_H
#define ROWS_H

struct FunctionCallInfoBaseData;

/* Prepare the result; call it before SPI_connect. */
extern void rows_begin(struct FunctionCallInfoBaseData *fcinfo);

/* Append a row of texts (null: SQL NULL), one per OUT column. */
extern void rows_put(struct FunctionCallInfoBaseData *fcinfo, char **values);

/* Append all rows of the last query; its columns must be of the result's types. */
extern void rows_put_result(struct FunctionCallInfoBaseData *fcinfo);

#endif /* ROWS_H */
