fn m() {
    log(1);
    z();
}
