/*
 * vocabulary.h - the capture words that a language's queries may use. One vocabulary for all
 * languages, so that one walk and one set of measures serve them all. parsers/README.md explains
 * the words to those who write queries. Pure. Thread: any.
 *
 *   mark       a bit on the captured node; the walk hands marked nodes to the measures
 *   note       a record of the whole match: the node, its attributes and the #set! values of the
 * pattern attribute  a part of the note's node: its name, the module of an import …
 */
#ifndef ANALYZE_VOCABULARY_H
#define ANALYZE_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MARK_CLASS 1u      /* a bit */
#define NOTE_CLASS 2u      /* owns attributes */
#define ATTRIBUTE_CLASS 4u /* belongs to the one note of its pattern */
#define SUFFIX_CLASS 8u    /* the word goes on after a dot as the author likes: @symbol.key */
#define IGNORED_CLASS 16u  /* accepted, without effect: a variant that is documented but off */

/* X(NAME, "word", classes, "meaning"). Words that are marks come first: their number is their bit.
 */
#define VOCABULARY(X)                                                                              \
    X(FUNCTION, "function", MARK_CLASS | NOTE_CLASS,                                               \
        "a function that has a name or is bound to one")                                           \
    X(LAMBDA, "lambda", MARK_CLASS | NOTE_CLASS,                                                   \
        "an anonymous function: part of the function around it")                                   \
    X(CLASS, "class", MARK_CLASS | NOTE_CLASS, "a class")                                          \
    X(STRUCT, "struct", MARK_CLASS | NOTE_CLASS, "a struct, union or record")                      \
    X(ENUM, "enum", MARK_CLASS | NOTE_CLASS, "an enumeration")                                     \
    X(TRAIT, "trait", MARK_CLASS | NOTE_CLASS, "a trait")                                          \
    X(INTERFACE, "interface", MARK_CLASS | NOTE_CLASS, "an interface or protocol")                 \
    X(MODULE, "module", MARK_CLASS | NOTE_CLASS, "a module or namespace")                          \
    X(IMPL, "impl", MARK_CLASS | NOTE_CLASS,                                                       \
        "an implementation block; it is not a symbol of its own")                                  \
    X(TYPE_ALIAS, "type_alias", MARK_CLASS | NOTE_CLASS, "another name for a type")                \
    X(CONSTANT, "constant", MARK_CLASS | NOTE_CLASS, "a constant")                                 \
    X(MACRO, "macro", MARK_CLASS | NOTE_CLASS, "a macro that the file defines")                    \
    X(IMPORT, "import", MARK_CLASS | NOTE_CLASS, "one import")                                     \
    X(EXPORT, "export", MARK_CLASS | NOTE_CLASS, "one explicit export")                            \
    X(CALL, "call", MARK_CLASS, "the bare name of what is called, where it is called")             \
    X(METHOD, "method", MARK_CLASS,                                                                \
        "with @function: a method although no type stands around it (Go)")                         \
    X(SEPARATE, "separate", MARK_CLASS,                                                            \
        "with @function: its cognitive complexity is not part of the function around")             \
    X(FLAT, "flat", MARK_CLASS, "with @function: it nests no deeper than the function around it")  \
    X(TEST, "test", MARK_CLASS, "a test function or test case")                                    \
    X(PUBLIC, "public", MARK_CLASS, "with a definition: visible from outside the file")            \
    X(PRIVATE, "private", MARK_CLASS, "with a definition: not visible from outside the file")      \
    X(PUBLIC_REST, "public.rest", MARK_CLASS,                                                      \
        "the definitions that follow in the same parent are public")                               \
    X(PRIVATE_REST, "private.rest", MARK_CLASS,                                                    \
        "the definitions that follow in the same parent are private")                              \
    X(PRIVATE_NEXT, "private.next", MARK_CLASS, "the definition that follows is private")          \
    X(DOC, "doc", MARK_CLASS | NOTE_CLASS, "documents the definition that follows")                \
    X(DOC_ADJACENT, "doc.adjacent", MARK_CLASS | NOTE_CLASS,                                       \
        "documents the definition that begins on the next line")                                   \
    X(DOC_INNER, "doc.inner", MARK_CLASS | NOTE_CLASS, "documents the definition around it")       \
    X(TRANSPARENT, "transparent", MARK_CLASS,                                                      \
        "may stand between a doc comment and its definition")                                      \
    X(PARAM, "param", MARK_CLASS, "one parameter of the function or lambda around it")             \
    X(DECISION, "decision", MARK_CLASS, "cyclomatic complexity + 1")                               \
    X(NEST, "nest", MARK_CLASS,                                                                    \
        "cognitive complexity + 1 + nesting; what is inside nests one deeper")                     \
    X(HEADER, "header", MARK_CLASS, "part of a @nest node that does not nest: the condition")      \
    X(ELSE, "else", MARK_CLASS, "cognitive complexity + 1, whatever the nesting")                  \
    X(ELSEIF, "elseif", MARK_CLASS,                                                                \
        "with @nest or @depth: an if that belongs to an else; counts and nests nothing")           \
    X(JUMP, "jump", MARK_CLASS, "goto, break or continue to a label: cognitive complexity + 1")    \
    X(LOGICAL, "logical", MARK_CLASS, "an expression of logical operators")                        \
    X(LOGICAL_OP, "logical.op", MARK_CLASS,                                                        \
        "its operator; a change of operator is cognitive complexity + 1")                          \
    X(PAREN, "paren", MARK_CLASS, "parentheses: a logical expression goes on inside")              \
    X(DEPTH, "depth", MARK_CLASS, "one level of nesting depth")                                    \
    X(EXIT, "exit", MARK_CLASS, "leaves the function")                                             \
    X(STATEMENT, "statement", MARK_CLASS, "one logical line")                                      \
    X(NOT_STATEMENT, "not_statement", MARK_CLASS, "takes a @statement of the same node back")      \
    X(COMMENT, "comment", MARK_CLASS, "a comment")                                                 \
    X(DOCSTRING, "docstring", MARK_CLASS,                                                          \
        "a string that is documentation: its lines count as comment")                              \
    X(H_OPERATOR, "h.operator", MARK_CLASS, "Halstead operator; distinct by node type")            \
    X(H_OPERAND, "h.operand", MARK_CLASS, "Halstead operand; distinct by text")                    \
    X(H_NOT_OPERATOR, "h.not_operator", MARK_CLASS, "takes an @h.operator of the same node back")  \
    X(H_NOT_OPERAND, "h.not_operand", MARK_CLASS, "takes an @h.operand of the same node back")     \
    X(ABC_ASSIGNMENT, "abc.assignment", MARK_CLASS,                                                \
        "ABC: assignment, increment, initialised declaration")                                     \
    X(ABC_BRANCH, "abc.branch", MARK_CLASS, "ABC: call, object creation")                          \
    X(ABC_NOT_BRANCH, "abc.not_branch", MARK_CLASS, "takes an @abc.branch of the same node back")  \
    X(ABC_CONDITION, "abc.condition", MARK_CLASS,                                                  \
        "ABC: comparison, else, case, ?:, catch, unary test")                                      \
    X(MEMBER, "member", MARK_CLASS,                                                                \
        "name of a field or method of the object itself, where it is used (LCOM4)")                \
    X(MEMBER_BARE, "member.bare", MARK_CLASS,                                                      \
        "likewise, if the type around it defines a field or method of that name")                  \
    X(NPATH_IF, "npath.if", MARK_CLASS,                                                            \
        "NPath: an if; its branches are divided by @else and @npath.elseif")                       \
    X(NPATH_ELSEIF, "npath.elseif", MARK_CLASS,                                                    \
        "NPath: a further condition of the @npath.if around it")                                   \
    X(NPATH_LOOP, "npath.loop", MARK_CLASS, "NPath: a loop")                                       \
    X(NPATH_SWITCH, "npath.switch", MARK_CLASS,                                                    \
        "NPath: a choice; its branches are divided by @npath.case")                                \
    X(NPATH_CASE, "npath.case", MARK_CLASS, "NPath: begins a branch of a switch")                  \
    X(NPATH_TERNARY, "npath.ternary", MARK_CLASS, "NPath: a conditional expression")               \
    X(NPATH_TRY, "npath.try", MARK_CLASS,                                                          \
        "NPath: a try; its branches are divided by @npath.catch")                                  \
    X(NPATH_CATCH, "npath.catch", MARK_CLASS, "NPath: begins a handler of a try")                  \
    X(STRING, "string", MARK_CLASS,                                                                \
        "a string literal that should not be repeated (smell: the same three times)")              \
    X(SYMBOL, "symbol", NOTE_CLASS | SUFFIX_CLASS,                                                 \
        "any other definition, of the kind that the suffix says")                                  \
    X(FINDING, "finding", NOTE_CLASS, "a security finding; #set! rule, severity, kind, message")   \
    X(SMELL, "smell", NOTE_CLASS, "a code smell; #set! rule, minutes, message")                    \
    X(PUBLIC_NAME, "public.name", NOTE_CLASS, "text that names a public definition of this file")  \
    X(PUBLIC_ONLY, "public.only", NOTE_CLASS,                                                      \
        "likewise, and top-level definitions not so named are private")                            \
    X(PRIVATE_NAME, "private.name", NOTE_CLASS,                                                    \
        "text that names a private definition of this file")                                       \
    X(FILE, "file", NOTE_CLASS, "the root; #set! separator of qualified names")                    \
    X(NAME, "name", ATTRIBUTE_CLASS, "the name")                                                   \
    X(NAME_DECLARATOR, "name.declarator", ATTRIBUTE_CLASS,                                         \
        "a C declarator that has the name somewhere inside")                                       \
    X(SCOPE, "scope", ATTRIBUTE_CLASS,                                                             \
        "what the name is qualified by, when no type stands around it (Go receiver)")              \
    X(DOC_TEXT, "doc.text", ATTRIBUTE_CLASS, "the part of a @doc node that is the text")           \
    X(IMPORT_MODULE, "import.module", ATTRIBUTE_CLASS, "what is imported from")                    \
    X(IMPORT_NAME, "import.name", ATTRIBUTE_CLASS,                                                 \
        "a name that is imported; may be there several times")                                     \
    X(IMPORT_ALIAS, "import.alias", ATTRIBUTE_CLASS, "the local name")                             \
    X(IMPORT_KIND, "import.kind", ATTRIBUTE_CLASS, "the word that tells kinds of imports apart")   \
    X(IMPORT_WILDCARD, "import.wildcard", ATTRIBUTE_CLASS, "everything is imported: name *")       \
    X(H_OPERATOR_RCA, "h.operator.rca", MARK_CLASS,                                                \
        "@h.operator as rust-code-analysis alone has it")                                          \
    X(H_OPERAND_RCA, "h.operand.rca", MARK_CLASS, "@h.operand as rust-code-analysis alone has it") \
    X(H_OPERATOR_OURS, "h.operator.ours", IGNORED_CLASS,                                           \
        "would be an operator if rust-code-analysis had it")                                       \
    X(H_OPERAND_OURS, "h.operand.ours", IGNORED_CLASS,                                             \
        "would be an operand if rust-code-analysis had it")

enum word {
#define X(name, text, classes, meaning) WORD_##name,
    VOCABULARY(X)
#undef X
        WORDS
};

#define BIT(word) (UINT64_C(1) << (WORD_##word))
/** A bit of no word: the node has notes. */
#define NOTED_BIT (UINT64_C(1) << 63)
#define DEFINITION_BITS                                                                            \
    (BIT(FUNCTION) | BIT(LAMBDA) | BIT(CLASS) | BIT(STRUCT) | BIT(ENUM) | BIT(TRAIT) |             \
        BIT(INTERFACE) | BIT(MODULE) | BIT(IMPL) | BIT(TYPE_ALIAS) | BIT(CONSTANT) | BIT(MACRO))
#define TYPE_BITS                                                                                  \
    (BIT(CLASS) | BIT(STRUCT) | BIT(ENUM) | BIT(TRAIT) | BIT(INTERFACE) | BIT(MODULE) | BIT(IMPL))

struct word_info {
    const char *text; /* without the @ */
    unsigned classes;
    const char *meaning;
};

extern const struct word_info word_infos[WORDS];

/**
 * The word of a capture name (no @, not terminated), or WORDS. *ret_suffix: what follows the dot of
 * a word with SUFFIX_CLASS, else NULL; points into `name`.
 */
enum word word_of_capture(const char *name, size_t length, const char **ret_suffix);

/** The bits that a capture of this word sets on its node; 0 for words that are no marks. */
uint64_t word_bits(enum word word);

#endif
