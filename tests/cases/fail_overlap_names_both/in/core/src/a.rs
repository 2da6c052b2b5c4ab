fn main() {
    start(1, 2);
}
