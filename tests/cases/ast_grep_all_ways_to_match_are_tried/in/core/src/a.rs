use crate::{Alpha, Beta, Gamma};

fn first(ready: bool) -> Option<u8> {
    if ready {
        start();
    } else {
        wait();
    }
    h(1, 2);
    k(3, 4);
    c();
    b();
    // between
    c();
    let sum = |a, b| a + b;
    match sum(1) {
        1 => {}
        #[cfg(unix)]
        2 => {}
        _ => {}
    }
}
