/* spool_file.h - the files of the audit spool, byte by byte. For spool.c. Numbers are
 * little-endian. Thread: any. */
#ifndef STORE_SPOOL_FILE_H
#define STORE_SPOOL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/spool.h"

#define SPOOL_MAGIC "srctab spool 1\n"
#define SPOOL_MAGIC_BYTES 15
#define SPOOL_HEADER_BYTES 20 /* length 4, checksum 8, wall time 8 */
#define SPOOL_RECORD_BYTES 65536
#define SPOOL_NAME_BYTES 40
#define SPOOL_LOST_NAME "lost.spool"

void spool_segment_name(uint64_t number, char ret_name[SPOOL_NAME_BYTES]);

/** Numbers of the segments in a directory, ascending, in a new array. False with errno set. */
bool spool_list_segments(int dir_fd, uint64_t **ret_numbers, size_t *ret_n);

/** The header of a record; its checksum is the start of SHA-256 over length, time and bytes. */
void spool_header(
    const void *bytes, size_t length, int64_t wall_us, uint8_t ret_header[SPOOL_HEADER_BYTES]);

/**
 * Hand over the whole records of a segment, from its start or from the offset of a record, up to
 * the first torn one. *ret_more (may be NULL) is cleared when record() returned false. False with
 * errno set.
 */
bool spool_read_records(int fd, spool_record_fn *record, void *user, bool *ret_more);
bool spool_read_records_from(
    int fd, uint64_t offset, spool_record_fn *record, void *user, bool *ret_more);

/** Move *offset over n whole records. False with errno set. */
bool spool_skip_records(int fd, uint64_t n, uint64_t *offset);

/** What was lost, and the newest segment whose records are counted in it. A missing or torn file
 * says nothing was. False with errno set. */
bool spool_read_lost(int dir_fd, struct spool_lost *ret_lost, uint64_t *ret_up_to);
bool spool_write_lost(int dir_fd, const struct spool_lost *lost, uint64_t up_to);

#endif
