// top
use y;

fn a() {
    one();
}

fn b() {}
