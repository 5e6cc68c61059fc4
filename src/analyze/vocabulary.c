#include "analyze/vocabulary.h"

#include <assert.h>
#include <string.h>

const struct word_info word_infos[WORDS] = {
#define X(name, text, classes, meaning) {text, classes, meaning},
    VOCABULARY(X)
#undef X
};

static_assert(WORD_STRING < 63, "marks have to fit below NOTED_BIT");

enum word word_of_capture(const char *name, size_t length, const char **ret_suffix)
{
    *ret_suffix = NULL;
    for (unsigned i = 0; i < WORDS; i++)
        if (strlen(word_infos[i].text) == length && memcmp(word_infos[i].text, name, length) == 0)
            return (enum word)i;
    for (unsigned i = 0; i < WORDS; i++) {
        size_t stem = strlen(word_infos[i].text);
        if ((word_infos[i].classes & SUFFIX_CLASS) == 0 || stem + 1 >= length || name[stem] != '.')
            continue;
        if (memcmp(word_infos[i].text, name, stem) == 0) {
            *ret_suffix = name + stem + 1;
            return (enum word)i;
        }
    }
    return WORDS;
}

uint64_t word_bits(enum word word)
{
    if (word == WORD_H_OPERATOR_RCA)
        return BIT(H_OPERATOR);
    if (word == WORD_H_OPERAND_RCA)
        return BIT(H_OPERAND);
    return (word_infos[word].classes & MARK_CLASS) != 0 ? UINT64_C(1) << word : 0;
}
