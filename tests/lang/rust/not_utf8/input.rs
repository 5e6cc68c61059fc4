// café ÿ

fn twice(a: bool) -> i32 {
    if a {
        return 2;
    }
    0
}
