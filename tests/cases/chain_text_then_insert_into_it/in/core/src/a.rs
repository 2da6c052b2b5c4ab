impl S {
    fn m() {
        run();
    }
}
