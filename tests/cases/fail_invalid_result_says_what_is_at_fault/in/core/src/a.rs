fn main() {
    one(1 + 1);
    two(a, b);
    three();
    four();
}
