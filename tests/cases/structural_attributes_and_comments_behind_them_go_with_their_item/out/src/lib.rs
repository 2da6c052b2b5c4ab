
fn stays() {
    zero(); // of zero
    two();
}
