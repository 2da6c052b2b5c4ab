fn f() -> A {
    h(g(1, 2), 3);
    log("a", 1, verbose);
    let client = Client::new().timeout(10).build();
    if a { b(); } else { c(); }
    twice(1, 2, 3);
    wrap(1);
    A { a: 1, b: 2 }
}

fn m(a: u8) -> Result<u8> { 1 }
