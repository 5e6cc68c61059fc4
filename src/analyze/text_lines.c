#include "analyze/text_lines.h"

#include <math.h>
#include <string.h>

#include "analyze/byte_count.h"

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\v' || byte == '\f';
}

static void add_to_line(struct text_lines *lines, const uint8_t *bytes, size_t length)
{
    lines->line_characters += length - byte_count_continuation(bytes, length);
    lines->line_bytes += length;
    for (size_t i = 0; i < length && !lines->line_has_text; i++)
        lines->line_has_text = !is_blank(bytes[i]);
}

static void end_line(struct text_lines *lines)
{
    lines->lines++;
    lines->blank += !lines->line_has_text;
    lines->characters += lines->line_characters;
    if (lines->line_characters > lines->longest)
        lines->longest = lines->line_characters;
    if (lines->line_bytes > lines->longest_bytes)
        lines->longest_bytes = lines->line_bytes;
    lines->line_characters = 0;
    lines->line_bytes = 0;
    lines->line_has_text = false;
}

/* The CR that was seen last stood alone. */
static void settle_cr(struct text_lines *lines)
{
    lines->after_cr = false;
    lines->ends_cr++;
    end_line(lines);
}

static const uint8_t *find(const uint8_t *from, const uint8_t *end, int byte)
{
    const uint8_t *found = from < end ? memchr(from, byte, (size_t)(end - from)) : NULL;
    return found != NULL ? found : end;
}

void text_lines_add(struct text_lines *lines, const void *bytes, size_t length)
{
    const uint8_t *at = bytes, *end = at + length;
    if (length == 0)
        return;
    lines->size_bytes += length;
    /* Each is looked for again only once it has been passed: linear also without any LF. */
    const uint8_t *lf = find(at, end, '\n'), *cr = find(at, end, '\r');
    while (at < end) {
        if (lines->after_cr && *at != '\n')
            settle_cr(lines);
        const uint8_t *stop = lf < cr ? lf : cr;
        add_to_line(lines, at, (size_t)(stop - at));
        if (stop == end)
            break;
        if (stop == cr) {
            lines->after_cr = true;
            cr = find(stop + 1, end, '\r');
        } else {
            *(lines->after_cr ? &lines->ends_crlf : &lines->ends_lf) += 1;
            lines->after_cr = false;
            end_line(lines);
            lf = find(stop + 1, end, '\n');
        }
        at = stop + 1;
    }
    lines->final_newline = end[-1] == '\n' || end[-1] == '\r';
}

void text_lines_finish(struct text_lines *lines)
{
    if (lines->after_cr)
        settle_cr(lines);
    if (lines->line_bytes > 0)
        end_line(lines);
}

const char *text_lines_ending(const struct text_lines *lines)
{
    int kinds = (lines->ends_lf > 0) + (lines->ends_crlf > 0) + (lines->ends_cr > 0);
    if (kinds == 0)
        return "none";
    if (kinds > 1)
        return "mixed";
    if (lines->ends_lf > 0)
        return "lf";
    return lines->ends_crlf > 0 ? "crlf" : "cr";
}

void text_lines_measure(
    const struct text_lines *lines, uint64_t on_disk_bytes, struct code_facts *ret_code)
{
    *ret_code = (struct code_facts){.parse_status = PARSE_OK};
    for (size_t i = 0; i < METRICS; i++)
        ret_code->metric[i] = (double)NAN;
    ret_code->metric[METRIC_SIZE_BYTES] = (double)on_disk_bytes;
    if (lines == NULL)
        return;
    ret_code->metric[METRIC_LINES_TOTAL] = (double)lines->lines;
    ret_code->metric[METRIC_LINES_BLANK] = (double)lines->blank;
    ret_code->metric[METRIC_LINE_LENGTH_MAX] = (double)lines->longest;
    ret_code->metric[METRIC_LINE_LENGTH_MEAN] =
        lines->lines > 0 ? (double)lines->characters / (double)lines->lines : (double)NAN;
}
