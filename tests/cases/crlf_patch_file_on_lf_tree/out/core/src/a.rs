use x;

fn a() {
    one();
    two();
}

// put
// in
fn b() {}
// behind
