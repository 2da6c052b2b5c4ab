fn m() {
    log(2);
    more();
    z();
}
