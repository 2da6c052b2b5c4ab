fn run() {
    wrap(|| {
        wrap(|| first());
    });
    wrap(|| second());
    check!(wrap(|| third()));
}

fn outer() {
    fn inner() {
        fn inner() {}
    }
}
