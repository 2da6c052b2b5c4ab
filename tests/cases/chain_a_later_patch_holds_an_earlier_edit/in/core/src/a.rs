fn m() {
    x = 1;
    y = 1;
}
