pub fn one() {
    start(2);
}
