#include "analyze/json_check.h"

#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

/* A place in the text. All helpers step over what they check and say false at the first fault. */
struct scanner {
    const char *at, *end;
};

static bool next_is(const struct scanner *scanner, char byte)
{
    return scanner->at < scanner->end && *scanner->at == byte;
}

static bool take(struct scanner *scanner, char byte)
{
    if (!next_is(scanner, byte))
        return false;
    scanner->at++;
    return true;
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static void skip_space(struct scanner *scanner)
{
    while (scanner->at < scanner->end && is_space(*scanner->at))
        scanner->at++;
}

static bool take_hex4(struct scanner *scanner, uint32_t *ret_value)
{
    uint32_t value = 0;
    if (scanner->end - scanner->at < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdefABCDEF";
        char byte = *scanner->at++;
        const char *digit = byte != '\0' ? strchr(digits, byte) : NULL;
        if (digit == NULL)
            return false;
        ptrdiff_t index = digit - digits;
        value = value << 4 | (uint32_t)(index < 16 ? index : index - 6);
    }
    *ret_value = value;
    return true;
}

/* After `\u`: no NUL, and surrogates only as a pair. */
static bool take_unicode_escape(struct scanner *scanner)
{
    uint32_t code = 0, low = 0;
    if (!take_hex4(scanner, &code) || code == 0)
        return false;
    if (code < 0xD800 || code >= 0xE000)
        return true;
    return code < 0xDC00 && take(scanner, '\\') && take(scanner, 'u') && take_hex4(scanner, &low) &&
           low >= 0xDC00 && low < 0xE000;
}

/* UTF-8 was checked before, so bytes above 0x7F may pass. */
static bool take_string(struct scanner *scanner)
{
    if (!take(scanner, '"'))
        return false;
    while (scanner->at < scanner->end) {
        char byte = *scanner->at++;
        if (byte == '"')
            return true;
        if ((unsigned char)byte < 0x20)
            return false;
        if (byte != '\\')
            continue;
        if (scanner->at == scanner->end)
            return false;
        char escape = *scanner->at++;
        if (escape == 'u' ? !take_unicode_escape(scanner)
                          : escape == '\0' || strchr("\"\\/bfnrt", escape) == NULL)
            return false;
    }
    return false;
}

static bool take_digits(struct scanner *scanner)
{
    const char *start = scanner->at;
    while (scanner->at < scanner->end && *scanner->at >= '0' && *scanner->at <= '9')
        scanner->at++;
    return scanner->at > start;
}

static bool take_number(struct scanner *scanner)
{
    const char *start = scanner->at;
    (void)take(scanner, '-');
    if (!take(scanner, '0') && !take_digits(scanner))
        return false;
    if (take(scanner, '.') && !take_digits(scanner))
        return false;
    if (take(scanner, 'e') || take(scanner, 'E')) {
        if (!take(scanner, '+'))
            (void)take(scanner, '-');
        /* jsonb stores numeric: an long exponent could not be stored. */
        const char *exponent = scanner->at;
        if (!take_digits(scanner) || scanner->at - exponent > 3)
            return false;
    }
    return scanner->at - start <= JSON_CHECK_NUMBER;
}

static bool take_word(struct scanner *scanner, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(scanner->end - scanner->at) < length || memcmp(scanner->at, word, length) != 0)
        return false;
    scanner->at += length;
    return true;
}

/* Numbers first: the columns of a tree are long arrays of them. */
static bool take_scalar(struct scanner *scanner)
{
    char first = scanner->at < scanner->end ? *scanner->at : '\0';
    if (first == '-' || (first >= '0' && first <= '9'))
        return take_number(scanner);
    if (first == '"')
        return take_string(scanner);
    return take_word(scanner, "true") || take_word(scanner, "false") || take_word(scanner, "null");
}

/* The nesting: one bit a level, 1 = object. */
struct nesting {
    uint64_t objects;
    unsigned depth;
};

static bool in_object(const struct nesting *nesting)
{
    return (nesting->objects & 1) != 0;
}

static bool take_key(struct scanner *scanner)
{
    skip_space(scanner);
    if (!take_string(scanner))
        return false;
    skip_space(scanner);
    return take(scanner, ':');
}

/* Step over the members of an array that are plain integers and have a comma behind them: most of a
 * tree's columns. What remains stands where a value must begin. */
static void skip_integers(struct scanner *scanner)
{
    for (const char *at = scanner->at; at < scanner->end; scanner->at = ++at) {
        const char *start = at;
        while (at < scanner->end && *at >= '0' && *at <= '9')
            at++;
        bool plain =
            at > start && at - start < JSON_CHECK_NUMBER && (*start != '0' || at - start == 1);
        if (!plain || at == scanner->end || *at != ',')
            return;
    }
}

/* Before a value: true with *ret_open when a container with at least one member was entered. */
static bool begin_value(struct scanner *scanner, struct nesting *nesting, bool *ret_open)
{
    if (nesting->depth > 0 && !in_object(nesting))
        skip_integers(scanner);
    skip_space(scanner);
    *ret_open = false;
    bool object = next_is(scanner, '{');
    if (!object && !next_is(scanner, '['))
        return take_scalar(scanner);
    if (nesting->depth == JSON_CHECK_DEPTH)
        return false;
    scanner->at++;
    skip_space(scanner);
    if (take(scanner, object ? '}' : ']'))
        return true;
    nesting->objects = nesting->objects << 1 | (object ? 1 : 0);
    nesting->depth++;
    *ret_open = true;
    return !object || take_key(scanner);
}

/* After a value: close what ends here. True with *ret_more when another value must follow. */
static bool end_value(struct scanner *scanner, struct nesting *nesting, bool *ret_more)
{
    for (;;) {
        skip_space(scanner);
        *ret_more = false;
        if (nesting->depth == 0)
            return true;
        if (take(scanner, ',')) {
            *ret_more = true;
            return !in_object(nesting) || take_key(scanner);
        }
        if (!take(scanner, in_object(nesting) ? '}' : ']'))
            return false;
        nesting->objects >>= 1;
        nesting->depth--;
    }
}

bool json_check(const char *text, size_t length, char opening)
{
    if (length == 0 || (opening != 0 && text[0] != opening) || !utf8_valid(text, length))
        return false;
    struct scanner scanner = {.at = text, .end = text + length};
    struct nesting nesting = {0};
    bool more = true, open = false;
    while (more) {
        if (!begin_value(&scanner, &nesting, &open))
            return false;
        if (!open && !end_value(&scanner, &nesting, &more))
            return false;
    }
    return scanner.at == scanner.end;
}
