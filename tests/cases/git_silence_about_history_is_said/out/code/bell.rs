pub fn ring() {
    strike(3);
    deaf = false;
}
