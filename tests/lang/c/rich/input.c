/* Shapes. */
#include <stdio.h>
#include "box.h"

#define LIMIT 3
#define MAX(a, b) ((a) > (b) ? (a) : (b))

struct box {
    int width, *height;
};

typedef struct box box_t;
enum color { RED, GREEN };
union word { int i; float f; };

static const int kTop = 4;
int shared;

int declared(int a);

/** Counts what it finds. */
int classify(const int *items, int n, int a)
{
    int count = 0;
    for (int i = 0; i < n; i++) {
        if (a && items) {
            count++;
        } else if (items[i] == 0) {
            count--;
        } else {
            printf("%d\n", count);
        }
    }
    switch (count) {
    case 1:
        return 1;
    case 2:
        return 2;
    default:
        break;
    }
    return a ? 1 : 2;
}

// Not a doc comment.
static char *local(void)
{
    return 0;
}

int test_box(void) { return local() != 0; }
