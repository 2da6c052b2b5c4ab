use x;

fn a() {
    one();
}

fn b() {}
fn c() {}
