/* language.h - the table of languages and which one a file is in. The table comes from the folders
 * in parsers/; nothing in C knows a language by name. Pure, constant data. Thread: any. */
#ifndef ANALYZE_LANGUAGE_H
#define ANALYZE_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/embedded.h"

typedef struct TSLanguage TSLanguage; /* as tree_sitter/api.h has it */

/* Which of the analysis.max_parse_kb limits holds. */
enum language_class { LANGUAGE_CODE, LANGUAGE_DATA, LANGUAGE_MARKDOWN, LANGUAGE_CLASSES };

/* Word lists end with NULL. */
struct language {
    const char *id;                     /* the word in the language column */
    const char *name;                   /* for people */
    const TSLanguage *(*grammar)(void); /* NULL: text metrics only, parse_status unsupported */
    const char *package;                /* npm package of the grammar; "" if there is none */
    const char *version;                /* of the package */
    const char *digest;                 /* SHA-256 in hex over grammar, language.yaml, queries */
    enum language_class class;
    const struct embedded_file *queries; /* by name; "parsers/ID/imports.scm" */
    const char *const *extensions;       /* without the dot */
    const char *const *filenames;
    const char *const *interpreters; /* of a #! line, without version */
    const char *const *claims;       /* extensions of others that content can claim … */
    const char *const *line_starts;  /* … by a line that begins so, white space skipped */
    const char *const *tests;        /* globs, see language_is_test() */
    const char *const *capabilities; /* words of the valid column in model/metric.def */
};

/* Sorted by id. */
extern const struct language languages[];
extern const size_t language_count;

enum language_match {
    LANGUAGE_NONE,        /* the name says that it is none of ours */
    LANGUAGE_NAMED,       /* the name decides, but for what language_of_content() may correct */
    LANGUAGE_MAYBE_SCRIPT /* no extension: only a #! line can tell */
};

/** The language of that id, NULL if there is none. */
const struct language *language_by_id(const char *id);

/** What the name alone says; only the last component of path counts. File names win over
 * extensions, the exact extension over its lower case form. *ret_language is set only with
 * LANGUAGE_NAMED. */
enum language_match language_of_name(const char *path, const struct language **ret_language);

/** The language of a `#!` line (execve(2)) at the start of the n bytes, NULL if there is none.
 * `env` is looked through with its options and assignments, a version behind the interpreter
 * (python3.11) is dropped. */
const struct language *language_of_shebang(const uint8_t *bytes, size_t n);

/** The language of a file by name and content; NULL: unknown. The rule for rows: others ask the
 * name alone only to decide whether a file is worth opening. */
const struct language *language_of_content(const char *path, const uint8_t *bytes, size_t n);

/** Is this a test file by its name? A glob without `/` is matched with the last component of path;
 * one with `/` with path from any of its components on, and what lies below a match matches. */
bool language_is_test(const struct language *language, const char *path);

/** Does the language declare this capability? "all" is always true. */
bool language_has(const struct language *language, const char *capability);

#endif
