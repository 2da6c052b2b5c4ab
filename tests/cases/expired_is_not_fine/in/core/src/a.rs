fn main() {
    one();
    two(later);
}
