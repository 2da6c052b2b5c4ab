impl S {
    fn m(&self) {
        d(1);
    }
}
