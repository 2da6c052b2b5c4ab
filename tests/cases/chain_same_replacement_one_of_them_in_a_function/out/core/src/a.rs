fn a() {
    none();
}
fn b() {
    none();
}
