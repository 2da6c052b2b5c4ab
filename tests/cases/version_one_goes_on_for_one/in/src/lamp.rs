pub fn glow() {
    wick(3);
}
