fn m() {
    x = 2;
    y = 2;
}
