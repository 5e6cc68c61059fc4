/*
 * query.h - the text of a language's .scm files as data: patterns, captures, predicates, each with
 * its file and line. Knows the syntax of tree-sitter queries and our vocabulary, not the grammar.
 * Pure. Thread: any.
 */
#ifndef ANALYZE_QUERY_H
#define ANALYZE_QUERY_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/vocabulary.h"
#include "base/arena.h"
#include "base/embedded.h"
#include "base/error.h"

enum expression_kind {
    EXPRESSION_NODE,        /* (kind …) */
    EXPRESSION_TOKEN,       /* "if" */
    EXPRESSION_ANY_NAMED,   /* (_) */
    EXPRESSION_ANY,         /* _ */
    EXPRESSION_ALTERNATION, /* [ … ] */
    EXPRESSION_GROUP        /* ( (a) (b) ) */
};

struct query_capture {
    const char *name;   /* without the @; begins with _ when it only serves predicates */
    enum word word;     /* WORDS for those */
    const char *suffix; /* of @symbol.KIND, else NULL */
    struct query_capture *next;
};

/* One step of a pattern and what it has inside. */
struct expression {
    enum expression_kind kind;
    const char *name;  /* of NODE and TOKEN (unescaped) */
    const char *field; /* NULL: none */
    struct query_capture *captures;
    struct expression *children, *next;
    const char **without; /* its !fields, ended by NULL; NULL: none */
    bool anchored;        /* a `.` stands before it */
    bool anchored_end;    /* a `.` stands behind its last child */
    bool unusual;         /* has a quantifier or a supertype: only the library can match it */
    bool repeated;        /* the quantifier is * */
    unsigned line;
};

enum predicate_kind { PREDICATE_EQUAL, PREDICATE_ANY_OF, PREDICATE_MATCH };

/* #eq? #any-of? #match? and their #not- forms: about the text of one capture. */
struct predicate {
    enum predicate_kind kind;
    bool negated;
    const char *capture;
    const char *other; /* #eq? with a second capture, else NULL */
    const char **values;
    size_t *lengths;
    size_t n_values;
    regex_t regex; /* MATCH: POSIX extended, compiled */
    struct predicate *next;
};

/* #set! key value */
struct setting {
    const char *key, *value;
    struct setting *next;
};

/* Where a predicate stands in the text of its pattern. */
struct hole {
    size_t start, end;
    struct hole *next;
};

struct pattern {
    struct expression *root;
    struct predicate *predicates;
    struct setting *settings;
    enum word owner; /* the note that its attributes belong to, or WORDS */
    const char *owner_suffix;
    const char *file; /* borrowed name: parsers/c/metrics.scm */
    unsigned line;    /* of its first character */
    const char *text; /* borrowed source and its length, predicates included */
    size_t length;
    struct hole *predicate_places; /* last one first */
    struct pattern *next;
};

struct query {
    struct pattern *patterns;
    size_t n_patterns;
};

/**
 * Read all files of a table ended by a row without a name. arena: holds the result. Errors
 * (ERROR_CONFIG), with file and line: syntax, a capture or predicate that we do not know (the
 * nearest one is named), a bad regular expression, attributes without one owner.
 */
CHECKED bool query_parse(const struct embedded_file *files, struct arena *arena,
    struct query *ret_query, struct error *err);

/** Value of a #set! of the pattern, or NULL. */
const char *pattern_setting(const struct pattern *pattern, const char *key);

/** Does any pattern capture this word? */
bool query_uses(const struct query *query, enum word word);

#endif
