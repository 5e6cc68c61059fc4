/* schema_files.h - what the names and header lines of sql/schema and sql/views say. Pure. Thread:
 * any. */
#ifndef STORE_SCHEMA_FILES_H
#define STORE_SCHEMA_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/embedded.h"
#include "base/sha256.h"

/* A row of schema_migrations. */
struct schema_record {
    int version; /* 0: what is made anew after every migration: views, comments, roles */
    const char *name;
    uint8_t digest[SHA256_BYTES];
    int min_binary; /* the oldest program that can still work with it, as its newest version */
};

/** SCHEMA_ bits that the header line `-- part:` of a file names. */
unsigned schema_parts(const struct embedded_file *file);

/** True, with its record, if the file is a migration that needs no part but these. */
bool schema_record_of(
    const struct embedded_file *file, unsigned parts, struct schema_record *ret_record);

/** The migration of that version, or NULL. */
const struct embedded_file *schema_migration(int version);

/** The newest version that this program has. */
int schema_newest(void);

/** True if the file is a view that needs no part but these. */
bool schema_is_view(const struct embedded_file *file, unsigned parts);

/** The record of version 0. */
void schema_rest_record(struct schema_record *ret_record);

#endif
