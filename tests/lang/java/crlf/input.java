// note

class C {
    int twice(int a) {
        if (a > 0)
            a *= 2;
        return a;
    }
}