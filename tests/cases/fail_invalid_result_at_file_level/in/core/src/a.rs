fn main() {
    one();
}
use std::fmt;

struct S {
    a: u8,
}

fn helper() {}
