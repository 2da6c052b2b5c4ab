use x;

fn a() {
    one();
}
