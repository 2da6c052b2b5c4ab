fn main() {
    uno();
    two(later);
}
