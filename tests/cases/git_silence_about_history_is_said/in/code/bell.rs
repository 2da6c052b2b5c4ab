pub fn ring() {
    deaf = true;
    strike(3);
    deaf = false;
}
