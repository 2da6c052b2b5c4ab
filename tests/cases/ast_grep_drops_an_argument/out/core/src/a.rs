fn f() -> A {
    h(g(1, 2));
    log("a", 1);
    A { a: 1 }
}
