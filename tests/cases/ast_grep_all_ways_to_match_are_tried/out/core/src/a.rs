use crate::{Alpha, Delta, Gamma};

fn first(ready: bool) -> Result<u8> {
    if ready {
        start();
    }
    h(1, 2);
    z(3, 4);
    c();
    b();
    // between
    x();
    let sum = |a, b| a.add(b);
    match sum(1) {
        1 => {}
        _ => {}
    }
}
