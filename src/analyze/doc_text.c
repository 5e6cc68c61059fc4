#include "analyze/doc_text.h"

#include <ctype.h>
#include <stdbool.h>

enum { MAX_DOC_BYTES = 4000 };

/* Opening and closing signs of comments and strings, longest first. */
static const char *const openers[] = {
    "/**", "/*!", "/*", "\"\"\"", "'''", "{-|", "{-", "<!--", "=begin", "\"", "'"};
static const char *const closers[] = {"**/", "*/", "\"\"\"", "'''", "-}", "-->", "=end", "\"", "'"};
/* Signs that begin each line of a comment. */
static const char *const line_signs[] = {
    "///", "//!", "//", "##", "#'", "#", "--", "*", ";;", "%%"};

static bool begins_with(struct text text, const char *word)
{
    size_t n = strlen(word);
    return text.length >= n && memcmp(text.bytes, word, n) == 0;
}

static bool ends_with(struct text text, const char *word)
{
    size_t n = strlen(word);
    return text.length >= n && memcmp(text.bytes + text.length - n, word, n) == 0;
}

static struct text trimmed(struct text text)
{
    while (text.length > 0 && isspace((unsigned char)text.bytes[0]))
        text = (struct text){text.bytes + 1, text.length - 1};
    while (text.length > 0 && isspace((unsigned char)text.bytes[text.length - 1]))
        text.length--;
    return text;
}

static struct text without_signs(struct text text)
{
    text = trimmed(text);
    for (size_t i = 0; i < ARRAY_SIZE(openers); i++) {
        size_t n = strlen(openers[i]);
        if (begins_with(text, openers[i])) {
            text = (struct text){text.bytes + n, text.length - n};
            break;
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(closers); i++)
        if (ends_with(text, closers[i]))
            return (struct text){text.bytes, text.length - strlen(closers[i])};
    return text;
}

static struct text without_line_sign(struct text line)
{
    line = trimmed(line);
    for (size_t i = 0; i < ARRAY_SIZE(line_signs); i++) {
        size_t n = strlen(line_signs[i]);
        if (begins_with(line, line_signs[i]))
            return trimmed((struct text){line.bytes + n, line.length - n});
    }
    return line;
}

void doc_text_add(struct buf *out, struct text raw)
{
    struct text text = without_signs(raw);
    size_t begin = out->length;
    while (text.length > 0 && out->length - begin < MAX_DOC_BYTES) {
        const char *newline = memchr(text.bytes, '\n', text.length);
        size_t n = newline ? (size_t)(newline - text.bytes) : text.length;
        struct text line = without_line_sign((struct text){text.bytes, n});
        if (line.length > 0 || out->length > begin) {
            buf_add(out, line.bytes, line.length);
            buf_addc(out, '\n');
        }
        n += newline != NULL;
        text = (struct text){text.bytes + n, text.length - n};
    }
    size_t length = out->length;
    if (length - begin > MAX_DOC_BYTES) {
        length = begin + MAX_DOC_BYTES;
        while (length > begin && ((uint8_t)out->data[length] & 0xc0) == 0x80)
            length--;
    }
    while (length > begin && out->data[length - 1] == '\n')
        length--;
    buf_truncate(out, length);
}
