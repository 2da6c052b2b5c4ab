fn m() {
    a();
    b();
}
