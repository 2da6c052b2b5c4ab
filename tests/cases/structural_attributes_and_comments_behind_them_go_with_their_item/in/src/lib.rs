#[cfg(test)] // only in tests
#[inline] /* small */ // and hot
fn old() {}

fn stays() {
    zero(); // of zero
    #[cfg(unix)] // why
    one();
    two();
}
