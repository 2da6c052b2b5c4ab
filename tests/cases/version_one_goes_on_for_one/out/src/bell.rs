pub fn ring() {
    strike(5);
    rest(1);
    hush();
}
