fn main() {
    none();
    none();
    none();
}
