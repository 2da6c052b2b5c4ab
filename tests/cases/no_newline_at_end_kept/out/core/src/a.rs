use x;

fn a() {
    one();
}

fn b() { one() }
fn c() {}