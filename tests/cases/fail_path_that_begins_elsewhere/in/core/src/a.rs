pub fn one() {
    start(1);
}
