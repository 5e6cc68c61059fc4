/*
 * outline.h - what a file defines: functions, types, constants and other symbols, each with its
 * name, place, visibility and documentation. The first of the measures; those behind it add their
 * numbers to its functions and types. Thread: one owner.
 */
#ifndef ANALYZE_OUTLINE_H
#define ANALYZE_OUTLINE_H

#include "analyze/walk.h"

#define NO_DEFINITION UINT32_MAX

enum visibility { VISIBILITY_DEFAULT, VISIBILITY_PUBLIC, VISIBILITY_PRIVATE };

struct definition {
    enum word word;   /* WORD_FUNCTION …, WORD_SYMBOL */
    const char *kind; /* "function", "method", "class", the suffix of @symbol, or the #set! kind of
                         the pattern */
    struct text name; /* bytes == NULL: none */
    struct text
        scope; /* written before the name: A in A::b, the receiver's type; bytes == NULL: none */
    struct text doc;               /* raw text of its documentation; bytes == NULL: none */
    uint32_t start, end;           /* bytes */
    uint32_t row, end_row, column; /* 0-based; column in bytes */
    uint32_t parent;               /* the definition around it, NO_DEFINITION at the top */
    uint32_t function;             /* the function it is or lies in, 0: top level */
    uint32_t n_methods;            /* of a type */
    enum visibility visibility;
    bool is_public; /* decided at the end */
};

/* A function, or at index 0 the top level of the file. Numbers are of the function without the
 * functions in it, unless said otherwise. */
struct function {
    const void *id;      /* of its node; NULL for the top level */
    uint32_t definition; /* NO_DEFINITION for the top level */
    uint32_t parent;     /* the function around it, 0: none */
    uint32_t type;       /* the type whose method it is, NO_DEFINITION: none */
    bool is_method, separate, recursive;
    uint32_t decisions, cognitive, cognitive_entry;
    uint32_t depth, depth_max;
    uint32_t parameters, exits, statements, logical_ops_max, cases_max;
    double npath;
    uint32_t lines_code;                      /* with what is nested */
    uint32_t operators_first, operands_first; /* Halstead: where its tokens begin … */
    uint32_t operators_end, operands_end;     /* … and end, with what is nested */
    double volume, difficulty, effort, maintainability;
};

struct outline {
    struct definition *definitions;
    uint32_t n_definitions;
    struct function *functions;
    uint32_t n_functions; /* with the top level */
    uint32_t current;     /* function the walk is in */
    uint32_t open;        /* innermost definition the walk is in */
    struct text file_doc; /* of the file itself */
};

extern const struct measure outline_measure;

/** The function a node belongs to: of a function's own node, itself. */
static inline struct function *outline_function(const struct walk *walk)
{
    return &walk->outline->functions[walk->outline->current];
}

/** Is the definition a type (class … impl)? */
static inline bool definition_is_type(const struct definition *definition)
{
    return definition->word != WORD_SYMBOL && (word_bits(definition->word) & TYPE_BITS) != 0;
}

/** Lines from first to last. */
static inline uint32_t definition_lines(const struct definition *definition)
{
    return definition->end_row - definition->row + 1;
}

#endif
