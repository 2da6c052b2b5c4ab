fn main() {
    none();
    second_now();
}
