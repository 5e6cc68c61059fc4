package shapes.model;

import java.util.List;
import java.util.function.*;
import static java.lang.Math.max;

/**
 * A box.
 */
@Deprecated
public class Box<T> extends Base implements Runnable {
    public static final int MAX = 3;
    private final String name, other;
    int plain;

    /** Makes one. */
    public Box(String name) {
        this.name = name;
    }

    /** Counts what it finds. */
    @Override
    public int classify(List<T> items, boolean a, boolean b) {
        int count = 0;
        for (T item : items) {
            if (a && b) {
                count++;
            } else if (item == null) {
                count--;
            } else {
                Function<Integer, Integer> f = x -> x + 1;
            }
        }
        switch (count) {
            case 1:
                return 1;
            case 2:
                return 2;
            default:
        }
        return a ? 1 : 2;
    }

    private int helper(int first, int... rest) {
        return max(first, 1);
    }

    @Test
    void works() {
    }

    enum Color { RED, GREEN }

    static class Inner {
    }
}

// Not a doc comment.
interface Greeter {
    int LIMIT = 1;
    void greet(String who);
}

record Point(int x, int y) {
    Point {
        if (x < 0) throw new IllegalArgumentException();
    }
}

@interface Marker {
    int value() default 0;
}
