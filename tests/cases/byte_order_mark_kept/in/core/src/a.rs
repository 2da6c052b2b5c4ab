use x;

fn a() {
    one();
}

fn b() {}
