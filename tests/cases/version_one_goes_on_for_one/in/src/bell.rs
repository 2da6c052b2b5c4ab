pub fn ring() {
    strike(3);
    rest(1);
    hush();
}
