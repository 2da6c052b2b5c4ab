pub fn glow() {
    wick(9);
}
