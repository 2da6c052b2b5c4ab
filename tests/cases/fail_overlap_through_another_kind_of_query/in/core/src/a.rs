use x;

fn main() {
    start(1, 2);
}
