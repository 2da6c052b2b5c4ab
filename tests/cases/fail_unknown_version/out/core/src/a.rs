fn main() {
    uno();
    due(later);
}
