#include "analyze/read.h"

#include <errno.h>

#include "analyze/blob_id.h"
#include "analyze/byte_count.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/utf8.h"
#include "model/signature.h"

#define PIECE_BYTES ((size_t)256 << 10)
#define REPLACEMENT 0xFFFDu

/* The words of metadata.encoding. */
static const char UTF8[] = "utf-8";
static const char UTF16LE[] = "utf-16le";
static const char UTF16BE[] = "utf-16be";
static const char UNKNOWN[] = "unknown"; /* not UTF-8: Latin-1, say */
static const char BINARY[] = "binary";

/* What the pieces of a file said, whether all of it is in memory or not. */
struct scan {
    struct sha256 *hash;
    struct blob_id *blob;
    char blob_id[BLOB_ID_HEX];
    const char *encoding;
    bool bom;
};

/* Both byte orders of UTF-16 begin with a mark; FF FE 00 00 would be UTF-32, which is not text for
 * us. */
static const char *utf16_encoding(const uint8_t *bytes, size_t length)
{
    if (length >= 4 && memcmp(bytes, "\xff\xfe\0\0", 4) == 0)
        return NULL;
    if (length >= 2 && memcmp(bytes, "\xff\xfe", 2) == 0)
        return UTF16LE;
    return length >= 2 && memcmp(bytes, "\xfe\xff", 2) == 0 ? UTF16BE : NULL;
}

static bool looks_binary(const uint8_t *head, size_t head_length, uint64_t nuls, uint64_t length)
{
    return memchr(head, 0, head_length) != NULL || nuls > length / 100;
}

struct transcoded {
    struct buf text;
    size_t units, nuls, broken;
};

static uint32_t utf16_unit(const uint8_t *at, bool little)
{
    return little ? (uint32_t)at[0] | (uint32_t)at[1] << 8 : (uint32_t)at[0] << 8 | at[1];
}

/* RFC 2781, 2.2. NUL is dropped; half a pair and an odd last byte become U+FFFD. */
static void transcode_utf16(
    const uint8_t *bytes, size_t length, bool little, struct transcoded *out)
{
    for (size_t i = 2; i + 1 < length; i += 2) {
        uint32_t code = utf16_unit(bytes + i, little);
        uint32_t next = i + 3 < length ? utf16_unit(bytes + i + 2, little) : 0;
        out->units++;
        if (code == 0) {
            out->nuls++;
            continue;
        }
        if (code >= 0xD800 && code < 0xDC00 && next >= 0xDC00 && next < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10) + (next - 0xDC00);
            i += 2;
        } else if (code >= 0xD800 && code < 0xE000) {
            out->broken++;
            code = REPLACEMENT;
        }
        utf8_add_code(&out->text, code);
    }
    if (length % 2 != 0) {
        out->broken++;
        utf8_add_code(&out->text, REPLACEMENT);
    }
}

static void set_text(
    struct reading *reading, enum content_state state, const char *bytes, size_t length)
{
    reading->file.content_state = state;
    reading->file.content = (struct text){.bytes = bytes, .length = length};
}

static void set_binary(struct reading *reading, struct scan *scan)
{
    scan->encoding = BINARY;
    scan->bom = false;
    set_text(reading, CONTENT_BINARY, NULL, 0);
}

static void take_utf16(const uint8_t *bytes, size_t length, struct arena *arena,
    struct reading *reading, struct scan *scan)
{
    struct transcoded out = {0};
    transcode_utf16(bytes, length, scan->encoding == UTF16LE, &out);
    if (out.nuls > out.units / 100 || out.broken > out.units / 10 + 1) {
        set_binary(reading, scan);
    } else {
        char *text = arena_copy(arena, buf_string(&out.text), out.text.length);
        set_text(
            reading, out.broken > 0 ? CONTENT_LOSSY : CONTENT_TRANSCODED, text, out.text.length);
    }
    buf_release(&out.text);
}

/* Decide encoding, content and content_state of bytes that are all in memory. */
static void take_text(const uint8_t *bytes, size_t length, struct arena *arena,
    struct reading *reading, struct scan *scan)
{
    scan->encoding = utf16_encoding(bytes, length);
    scan->bom = scan->encoding != NULL || (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0);
    if (scan->encoding != NULL) {
        take_utf16(bytes, length, arena, reading, scan);
        return;
    }
    size_t nuls = byte_count_nul(bytes, length);
    if (looks_binary(reading->head, reading->head_length, nuls, length)) {
        set_binary(reading, scan);
        return;
    }
    bool valid = utf8_valid(bytes, length);
    scan->encoding = valid ? UTF8 : UNKNOWN;
    if (valid && nuls == 0) {
        set_text(reading, CONTENT_EXACT, (const char *)bytes, length);
        return;
    }
    AUTO_BUF text = BUF_INIT;
    utf8_add_repaired(&text, bytes, length, true);
    set_text(reading, valid ? CONTENT_NUL_STRIPPED : CONTENT_LOSSY,
        arena_copy(arena, buf_string(&text), text.length), text.length);
}

/* A lone CR ends a line for people, but not for the scanners of Python, Elixir, Go, Bash and TOML.
 */
static const uint8_t *without_lone_cr(const struct reading *reading, struct arena *arena)
{
    const struct text *content = &reading->file.content;
    if (content->bytes == NULL || reading->lines.ends_cr == 0)
        return (const uint8_t *)content->bytes;
    char *copy = arena_copy(arena, content->bytes, content->length);
    for (size_t i = 0; i < content->length; i++) {
        if (copy[i] == '\r' && copy[i + 1] != '\n')
            copy[i] = '\n';
    }
    return (const uint8_t *)copy;
}

static void add_shebang(struct json *json, const struct reading *reading)
{
    size_t length = 0;
    const uint8_t *head = reading->head;
    if (reading->head_length < 2 || memcmp(head, "#!", 2) != 0) {
        json_key(json, "shebang");
        json_null(json);
        return;
    }
    /* The kernel itself looks at 256 bytes (execve(2)). */
    while (length < reading->head_length && length < 256 && head[length] != '\n' &&
           head[length] != '\r')
        length++;
    json_key_bytes(json, "shebang", (const char *)head, length);
}

static void set_metadata(
    struct reading *reading, const struct scan *scan, mode_t mode, struct arena *arena)
{
    AUTO_BUF text = BUF_INIT;
    struct json json = JSON_INIT(&text);
    char octal[8];
    reading->file.mode = (uint32_t)(mode & 07777);
    (void)snprintf(octal, sizeof(octal), "%04o", (unsigned)(mode & 07777));
    json_object_begin(&json);
    json_key_string(&json, "encoding", scan->encoding);
    json_key_bool(&json, "bom", scan->bom);
    if (reading->has_lines) {
        json_key_string(&json, "line_ending", text_lines_ending(&reading->lines));
        json_key_bool(&json, "final_newline", reading->lines.final_newline);
    }
    add_shebang(&json, reading);
    json_key_string(&json, "mode", octal);
    json_key_bool(&json, "executable", (mode & 0111) != 0);
    json_key_string(&json, "git_blob", scan->blob_id);
    json_object_end(&json);
    reading->file.metadata =
        (struct text){.bytes = arena_copy(arena, text.data, text.length), .length = text.length};
}

static uint32_t line_count(const struct text_lines *lines)
{
    return lines->lines > INT32_MAX ? INT32_MAX : (uint32_t)lines->lines;
}

static void take_block(
    const uint8_t *bytes, size_t length, mode_t mode, struct arena *arena, struct reading *reading)
{
    struct scan scan = {.blob = blob_id_new(length)};
    blob_id_add(scan.blob, bytes, length);
    blob_id_finish(scan.blob, scan.blob_id);
    sha256(bytes, length, reading->file.content_hash);
    reading->file.size_bytes = length;
    reading->head = bytes;
    reading->head_length = length < READ_BINARY_WINDOW_BYTES ? length : READ_BINARY_WINDOW_BYTES;
    take_text(bytes, length, arena, reading, &scan);
    reading->has_lines = reading->file.content.bytes != NULL;
    if (reading->has_lines) {
        text_lines_add(&reading->lines, reading->file.content.bytes, reading->file.content.length);
        text_lines_finish(&reading->lines);
    }
    reading->file.line_count = line_count(&reading->lines);
    reading->source = without_lone_cr(reading, arena);
    reading->source_length = reading->file.content.length;
    set_metadata(reading, &scan, mode, arena);
}

/* ── files too large to keep ── */

struct stream {
    struct scan scan;
    struct reading *reading;
    uint64_t nuls;
    bool valid; /* UTF-8 so far */
    uint8_t cut[4];
    size_t n_cut; /* a sequence that a piece's end cut off */
};

/* Check the next piece as UTF-8, with what the last one left over. */
static void stream_check_utf8(struct stream *stream, const uint8_t *bytes, size_t length)
{
    size_t skip = 0;
    while (stream->n_cut > 0 && skip < length && stream->n_cut < sizeof(stream->cut) &&
           (bytes[skip] & 0xC0u) == 0x80u)
        stream->cut[stream->n_cut++] = bytes[skip++];
    if (stream->n_cut > 0 && skip == length && stream->n_cut < sizeof(stream->cut))
        return;
    stream->valid = stream->valid && utf8_valid(stream->cut, stream->n_cut);
    stream->n_cut = 0;
    size_t end = length;
    while (end > skip && length - end < 3 && (bytes[end - 1] & 0xC0u) == 0x80u)
        end--;
    if (end > skip && bytes[end - 1] >= 0xC0u)
        end--;
    else
        end = length;
    if (utf8_sequence(bytes + end, length - end, NULL) == length - end)
        end = length;
    stream->valid = stream->valid && utf8_valid(bytes + skip, end - skip);
    stream->n_cut = length - end;
    memcpy(stream->cut, bytes + end, length - end);
}

static void stream_add(
    struct stream *stream, const uint8_t *bytes, size_t length, struct arena *arena)
{
    struct reading *reading = stream->reading;
    if (reading->head == NULL) {
        size_t kept = length < READ_BINARY_WINDOW_BYTES ? length : READ_BINARY_WINDOW_BYTES;
        reading->head = (const uint8_t *)arena_copy(arena, bytes, kept);
        reading->head_length = kept;
    }
    sha256_add(stream->scan.hash, bytes, length);
    blob_id_add(stream->scan.blob, bytes, length);
    text_lines_add(&reading->lines, bytes, length);
    stream->nuls += byte_count_nul(bytes, length);
    if (stream->valid)
        stream_check_utf8(stream, bytes, length);
    reading->file.size_bytes += length;
}

static void stream_begin(struct stream *stream, uint64_t size_bytes, struct reading *reading)
{
    *stream = (struct stream){.reading = reading, .valid = true};
    stream->scan.hash = sha256_new();
    stream->scan.blob = blob_id_new(size_bytes);
}

static void stream_finish(struct stream *stream, mode_t mode, struct arena *arena)
{
    struct reading *reading = stream->reading;
    struct scan *scan = &stream->scan;
    sha256_finish(scan->hash, reading->file.content_hash);
    blob_id_finish(scan->blob, scan->blob_id);
    text_lines_finish(&reading->lines);
    scan->encoding = utf16_encoding(reading->head, reading->head_length);
    scan->bom = scan->encoding != NULL ||
                (reading->head_length >= 3 && memcmp(reading->head, "\xef\xbb\xbf", 3) == 0);
    set_text(reading, CONTENT_TOO_BIG, NULL, 0);
    /* Lines of UTF-16 cannot be counted without transcoding. */
    reading->has_lines = scan->encoding == NULL;
    if (scan->encoding == NULL) {
        bool valid = stream->valid && utf8_valid(stream->cut, stream->n_cut);
        scan->encoding = valid ? UTF8 : UNKNOWN;
        if (looks_binary(
                reading->head, reading->head_length, stream->nuls, reading->file.size_bytes)) {
            set_binary(reading, scan);
            reading->has_lines = false;
        }
    }
    if (!reading->has_lines)
        reading->lines = (struct text_lines){0};
    reading->file.line_count = line_count(&reading->lines);
    set_metadata(reading, scan, mode, arena);
}

static void stream_abandon(struct stream *stream)
{
    uint8_t digest[SHA256_BYTES];
    sha256_finish(stream->scan.hash, digest);
    blob_id_free(stream->scan.blob);
}

/* ── files ── */

/* pread(2) from `offset` until room is full or the file ends. -1 with errno set. */
static ssize_t read_fully(int fd, uint8_t *room, size_t size, uint64_t offset)
{
    size_t length = 0;
    while (length < size) {
        ssize_t got = pread(fd, room + length, size - length, (off_t)(offset + length));
        if (got == 0)
            break;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        length += (size_t)got;
    }
    return (ssize_t)length;
}

static int64_t nanoseconds(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

static bool same_version(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           nanoseconds(&a->st_mtim) == nanoseconds(&b->st_mtim) &&
           nanoseconds(&a->st_ctim) == nanoseconds(&b->st_ctim);
}

static enum read_outcome read_failed(struct error *err)
{
    (void)error_set(err, ERROR_IO, errno, "could not read file");
    return READ_FAILED;
}

/* One byte more than st says is asked for, so that a file that grew is noticed. */
static enum read_outcome read_whole(
    int fd, const struct stat *st, struct arena *arena, struct reading *reading, struct error *err)
{
    size_t size = (size_t)st->st_size;
    uint8_t *bytes = arena_alloc(arena, size + 1, 1);
    ssize_t length = read_fully(fd, bytes, size + 1, 0);
    if (length < 0)
        return read_failed(err);
    if ((size_t)length != size)
        return READ_TORN;
    bytes[size] = 0;
    take_block(bytes, size, st->st_mode, arena, reading);
    return READ_DONE;
}

static enum read_outcome read_pieces(
    int fd, const struct stat *st, struct arena *arena, struct reading *reading, struct error *err)
{
    AUTO_FREE uint8_t *piece = memory_new(PIECE_BYTES, 1);
    struct stream stream;
    stream_begin(&stream, (uint64_t)st->st_size, reading);
    for (;;) {
        ssize_t got = read_fully(fd, piece, PIECE_BYTES, reading->file.size_bytes);
        if (got < 0) {
            stream_abandon(&stream);
            return read_failed(err);
        }
        if (got == 0 || reading->file.size_bytes > (uint64_t)st->st_size)
            break;
        stream_add(&stream, piece, (size_t)got, arena);
    }
    stream_finish(&stream, st->st_mode, arena);
    return reading->file.size_bytes == (uint64_t)st->st_size ? READ_DONE : READ_TORN;
}

enum read_outcome read_file(int fd, const struct stat *st, uint64_t max_content_bytes,
    struct arena *arena, struct reading *ret_reading, struct error *err)
{
    struct reading reading = {0};
    bool keep = st->st_size >= 0 && (uint64_t)st->st_size <= max_content_bytes;
    enum read_outcome outcome =
        keep ? read_whole(fd, st, arena, &reading, err) : read_pieces(fd, st, arena, &reading, err);
    if (outcome != READ_DONE)
        return outcome;
    struct stat after;
    if (fstat(fd, &after) != 0)
        return read_failed(err);
    if (!same_version(st, &after))
        return READ_TORN;
    reading.file.mtime_ns = nanoseconds(&after.st_mtim);
    reading.file.signature = stat_signature(&after);
    *ret_reading = reading;
    return READ_DONE;
}

void read_block(const void *bytes, size_t length, mode_t mode, uint64_t max_content_bytes,
    struct arena *arena, struct reading *ret_reading)
{
    *ret_reading = (struct reading){0};
    /* memchr(NULL, …, 0) is undefined, and SQL's NULL is not the empty string. */
    if (length == 0)
        bytes = "";
    if (length <= max_content_bytes) {
        take_block(bytes, length, mode, arena, ret_reading);
        return;
    }
    struct stream stream;
    stream_begin(&stream, length, ret_reading);
    stream_add(&stream, bytes, length, arena);
    stream_finish(&stream, mode, arena);
}

static bool is_minified(const struct text_lines *lines, const struct analyze_limits *limits)
{
    bool given = limits->minified.line_bytes > 0;
    uint64_t file = given ? limits->minified.file_bytes : READ_MINIFIED_FILE_BYTES;
    uint64_t line = given ? limits->minified.line_bytes : READ_MINIFIED_LINE_BYTES;
    uint64_t mean = given ? limits->minified.mean_line_bytes : READ_MINIFIED_MEAN_BYTES;
    if (lines->size_bytes <= file || lines->lines == 0)
        return false;
    return lines->longest_bytes > line || lines->size_bytes / lines->lines > mean;
}

enum parse_status read_verdict(
    const struct reading *reading, uint64_t max_parse_bytes, const struct analyze_limits *limits)
{
    if (reading->file.content_state == CONTENT_BINARY)
        return PARSE_BINARY;
    if (reading->source == NULL || reading->source_length > max_parse_bytes)
        return PARSE_TOO_BIG;
    return is_minified(&reading->lines, limits) ? PARSE_MINIFIED : PARSE_OK;
}
