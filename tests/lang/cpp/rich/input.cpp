// Shapes.
#include <vector>
#include "box.h"
using std::string;

#define MAX(a, b) ((a) > (b) ? (a) : (b))

namespace shapes {

constexpr int kTop = 4;

/// A box
/// of two lines.
template <typename T> class Box final : public Base {
    int hidden_;
    void secret();

public:
    static const int kMax = 3;
    explicit Box(int x = 1) : hidden_(x) {}
    virtual ~Box() = default;
    bool operator==(const Box &o) const { return hidden_ == o.hidden_; }

protected:
    int prot() { return 1; }
};

enum class Color : int { Red, Green };

struct Pair {
    int a, *b;
    int get() { return a; }
};

using Alias = std::vector<int>;
typedef int (*Fn)(int);

/** Counts what it finds. */
int classify(const std::vector<int> &items, bool a, bool b)
{
    int count = 0;
    for (int item : items) {
        if (a && b) {
            count++;
        } else if (item == 0) {
            count--;
        } else {
            auto f = [&](int x) { return x; };
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

} // namespace shapes

static int local(void) { return 1; }

int shapes::Pair::member(int q) { return q; }

TEST(Suite, Name) { EXPECT_EQ(1, 1); }
