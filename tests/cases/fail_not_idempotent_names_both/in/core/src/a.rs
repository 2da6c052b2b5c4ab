fn main() {
    alpha();
}
