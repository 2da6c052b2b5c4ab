fn m() {
    x();
}
