fn main() {
    start(1);
}
