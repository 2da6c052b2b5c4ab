fn m() {
    log(1);
    log(2); log(3);
    x(log(4));
}
