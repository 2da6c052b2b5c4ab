fn a() {
    second();
}
fn b() {
    first();
}
