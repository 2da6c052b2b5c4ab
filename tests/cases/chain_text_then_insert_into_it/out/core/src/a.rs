impl S {
    // start
    #[inline]
    fn m() {
        run();
    }
}
