fn run() {
    // marked
    wrap(|| {
        unwrapped(|| first());
    });
    // marked
    unwrapped(|| second());
    check!(wrap(|| third()));
}

fn outer() {
    #[inline]
    fn inner() {
        fn inner() {}
    }
}
