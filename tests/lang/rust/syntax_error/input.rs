// note

fn twice(a: bool) -> i32 {
    if a {
        return 2;
    }
    0
}
fn = = (;
