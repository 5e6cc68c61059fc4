#include "base/utf8.h"

size_t utf8_sequence(const uint8_t *bytes, size_t length, uint32_t *ret_code)
{
    /* Unicode 15, table 3-7: the range of the second byte depends on the first. */
    if (length == 0)
        return 0;
    uint8_t first = bytes[0];
    size_t size = first < 0x80                     ? 1
                  : first >= 0xc2 && first <= 0xdf ? 2
                  : (first & 0xf0) == 0xe0         ? 3
                  : first >= 0xf0 && first <= 0xf4 ? 4
                                                   : 0;
    if (size == 0 || size > length)
        return 0;
    uint32_t code = size == 1 ? first : first & (0x7fu >> size);
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    for (size_t i = 1; i < size; i++) {
        if (bytes[i] < low || bytes[i] > high)
            return 0;
        code = code << 6 | (bytes[i] & 0x3fu);
        low = 0x80;
        high = 0xbf;
    }
    if (ret_code != NULL)
        *ret_code = code;
    return size;
}

/* Length of the run of ASCII at bytes, eight at a time: source text is mostly that. */
static size_t ascii_run(const uint8_t *bytes, size_t length)
{
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, sizeof(word));
        if ((word & 0x8080808080808080u) != 0)
            break;
    }
    while (i < length && bytes[i] < 0x80)
        i++;
    return i;
}

bool utf8_valid(const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; i < length;) {
        i += ascii_run(at + i, length - i);
        if (i == length)
            break;
        size_t size = utf8_sequence(at + i, length - i, NULL);
        if (size == 0)
            return false;
        i += size;
    }
    return true;
}

size_t utf8_count(const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    size_t count = 0;
    for (size_t i = 0; i < length; count++) {
        size_t size = utf8_sequence(at + i, length - i, NULL);
        i += size > 0 ? size : 1;
    }
    return count;
}

void utf8_add_code(struct buf *out, uint32_t code)
{
    if (code < 0x80) {
        buf_addc(out, (char)code);
        return;
    }
    uint8_t bytes[4];
    size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = size; i-- > 1; code >>= 6)
        bytes[i] = (uint8_t)(0x80 | (code & 0x3f));
    bytes[0] = (uint8_t)((0xf00u >> size & 0xf0u) | code);
    buf_add(out, bytes, size);
}

void utf8_add_repaired(struct buf *out, const void *bytes, size_t length, bool drop_nul)
{
    const uint8_t *at = bytes;
    size_t clean = 0; /* start of the run not yet copied */
    for (size_t i = 0; i < length;) {
        size_t size = utf8_sequence(at + i, length - i, NULL);
        bool nul = drop_nul && at[i] == 0;
        if (size > 0 && !nul) {
            i += size;
            continue;
        }
        buf_add(out, at + clean, i - clean);
        if (!nul)
            buf_adds(out, "\xef\xbf\xbd");
        clean = ++i;
    }
    buf_add(out, at + clean, length - clean);
}

bool utf8_add_path(struct buf *out, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    bool escaped = false;
    for (size_t i = 0; i < length;) {
        size_t size = at[i] == 0 ? 0 : utf8_sequence(at + i, length - i, NULL);
        if (size > 0) {
            buf_add(out, at + i, size);
            i += size;
            continue;
        }
        buf_addf(out, "\\x%02X", at[i++]);
        escaped = true;
    }
    return escaped;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void utf8_add_path_bytes(struct buf *out, const char *text)
{
    while (*text != '\0') {
        bool escape =
            text[0] == '\\' && text[1] == 'x' && hex_digit(text[2]) >= 8 && hex_digit(text[3]) >= 0;
        if (escape)
            buf_addc(out, (char)(hex_digit(text[2]) << 4 | hex_digit(text[3])));
        else
            buf_addc(out, *text);
        text += escape ? 4 : 1;
    }
}
