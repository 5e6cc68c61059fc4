/* finding.h - prints findings for people, GitHub, GitLab and programs. Thread: main only. */
#ifndef APP_FINDING_H
#define APP_FINDING_H

#include <stddef.h>
#include <stdint.h>

#include "app/output.h"

/* Borrowed during findings_add(). */
struct finding {
    const char *path;
    uint64_t line;
    const char *message;
    const char *severity; /* error | warning | info, or GitLab's words blocker | critical | major |
                             minor | info */
    const char *rule;
};

struct finding_form;

struct findings {
    struct output *output;
    const struct finding_form *form;
    size_t n;
};

/** form: text, github (workflow commands), gitlab (Code Quality report) or json (one object a
 * line). */
void findings_begin(struct findings *findings, struct output *output, const char *form);
void findings_add(struct findings *findings, const struct finding *finding);
void findings_end(struct findings *findings);

#endif
