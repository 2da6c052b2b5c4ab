fn f() -> A {
    h(g(1, 2));
    log("a", 1);
    let client = Client::new().build();
    if a { b(); }
    twice(1, 1, 2, 3);
    wrap(inner(1));
    A { a: 1 }
}

fn m(a: u8) -> u8 { 1 }
