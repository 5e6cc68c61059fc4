#include "analyze/facts_area.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "analyze/json_check.h"
#include "base/utf8.h"

/* What PARSE_* a worker may claim; the others are decided before it is asked. */
#define CLAIMABLE                                                                                  \
    (1u << PARSE_OK | 1u << PARSE_PARTIAL | 1u << PARSE_FAILED | 1u << PARSE_TIMEOUT |             \
        1u << PARSE_MEMORY | 1u << PARSE_TOO_BIG | 1u << PARSE_UNSUPPORTED)

static char blob_opening(size_t blob)
{
    return blob == BLOB_AST ? '{' : '[';
}

bool facts_area_write(
    void *area, size_t area_bytes, uint64_t sequence, const struct code_facts *code)
{
    struct facts_header header = {.magic = FACTS_AREA_MAGIC, .sequence = sequence};
    uint64_t offset = sizeof(header);
    assert(area_bytes >= sizeof(header));
    header.parse_status = (uint32_t)code->parse_status;
    header.parser_rev = code->parser_rev;
    header.metrics_version = code->metrics_version;
    header.parse_us = code->parse_us;
    header.walk_us = code->walk_us;
    memcpy(header.metric, code->metric, sizeof(header.metric));
    memcpy(header.reason, code->reason, sizeof(header.reason));
    for (size_t i = 0; i < BLOBS; i++) {
        const struct text *blob = &code->blob[i];
        if (blob->bytes == NULL)
            continue;
        if (blob->length > area_bytes - offset)
            return false;
        memcpy((char *)area + offset, blob->bytes, blob->length);
        header.blob[i].offset = offset;
        header.blob[i].length = blob->length;
        header.blob[i].present = 1;
        offset += blob->length;
    }
    memcpy(area, &header, sizeof(header));
    return true;
}

static bool metric_possible(size_t metric, double value)
{
    const struct metric_info *info = &metric_infos[metric];
    if (isnan(value))
        return true;
    if (!isfinite(value) || info->kind == METRIC_CODEBASE)
        return false;
    if (info->type == METRIC_DOUBLE)
        return true;
    double limit = info->type == METRIC_INT ? (double)INT32_MAX : 9007199254740992.0; /* 2^53 */
    return value >= -limit && value <= limit && value == trunc(value);
}

static bool check_numbers(const struct facts_header *header, uint64_t sequence, struct error *err)
{
    if (header->magic != FACTS_AREA_MAGIC || header->sequence != sequence)
        return error_set(err, ERROR_ANALYSIS, 0, "facts area has no answer to this request");
    if (header->parse_status >= PARSE_STATUSES || (CLAIMABLE >> header->parse_status & 1) == 0)
        return error_set(
            err, ERROR_ANALYSIS, 0, "facts area has parse status %u", header->parse_status);
    if (header->parser_rev < 0 || header->metrics_version < 0)
        return error_set(err, ERROR_ANALYSIS, 0, "facts area has a negative revision");
    for (size_t i = 0; i < METRICS; i++) {
        if (!metric_possible(i, header->metric[i]))
            return error_set(err, ERROR_ANALYSIS, 0, "facts area has an impossible value in %s",
                metric_infos[i].column);
    }
    return true;
}

/* Offsets are believed only if all documents lie behind the header and inside the area, and no more
 * than once each in size. */
static bool check_extents(const struct facts_header *header, size_t area_bytes, struct error *err)
{
    uint64_t total = sizeof(*header);
    for (size_t i = 0; i < BLOBS; i++) {
        uint64_t offset = header->blob[i].offset, length = header->blob[i].length;
        if (header->blob[i].present > 1)
            return error_set(err, ERROR_ANALYSIS, 0, "facts area has a broken document table");
        if (header->blob[i].present == 0)
            continue;
        if (offset < sizeof(*header) || offset > area_bytes || length > area_bytes - offset)
            return error_set(
                err, ERROR_ANALYSIS, 0, "facts area has document %zu outside of its bounds", i);
        total += length; /* cannot overflow: each is at most area_bytes, there are BLOBS of them */
        if (total > area_bytes)
            return error_set(err, ERROR_ANALYSIS, 0, "facts area has documents that overlap");
    }
    return true;
}

/* Why a file has no whole tree: one line of text, whatever was sent. */
static void copy_reason(const struct facts_header *header, char *ret_reason, size_t size)
{
    size_t length = strnlen(header->reason, sizeof(header->reason) - 1);
    AUTO_BUF text = BUF_INIT;
    utf8_add_repaired(&text, header->reason, length, true);
    if (text.length >= size)
        buf_truncate(&text, size - 1);
    /* The cut may have split a character. */
    while (!utf8_valid(buf_string(&text), text.length))
        buf_truncate(&text, text.length - 1);
    memset(ret_reason, 0, size);
    memcpy(ret_reason, buf_string(&text), text.length);
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)ret_reason[i] < 0x20)
            ret_reason[i] = ' ';
    }
}

bool facts_area_read(const void *area, size_t area_bytes, uint64_t sequence, struct arena *arena,
    struct code_facts *ret_code, struct error *err)
{
    struct facts_header header; /* a copy: the worker can change the area under our eyes */
    assert(area_bytes >= sizeof(header));
    memcpy(&header, area, sizeof(header));
    if (!check_numbers(&header, sequence, err) || !check_extents(&header, area_bytes, err))
        return false;
    struct code_facts code = {
        .parse_status = (enum parse_status)header.parse_status,
        .parser_rev = header.parser_rev,
        .metrics_version = header.metrics_version,
        .parse_us = header.parse_us,
        .walk_us = header.walk_us,
    };
    for (size_t i = 0; i < METRICS; i++)
        code.metric[i] = isnan(header.metric[i]) ? (double)NAN : header.metric[i];
    copy_reason(&header, code.reason, sizeof(code.reason));
    for (size_t i = 0; i < BLOBS; i++) {
        if (header.blob[i].present == 0)
            continue;
        size_t length = (size_t)header.blob[i].length;
        const char *copy = arena_copy(arena, (const char *)area + header.blob[i].offset, length);
        if (!json_check(copy, length, blob_opening(i)))
            return error_set(
                err, ERROR_ANALYSIS, 0, "facts area has document %zu that is not JSON", i);
        code.blob[i] = (struct text){.bytes = copy, .length = length};
    }
    *ret_code = code;
    return true;
}
