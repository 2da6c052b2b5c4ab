fn f() -> A {
    h(g(1, 2), 3);
    log("a", 1, verbose);
    A { a: 1, b: 2 }
}
