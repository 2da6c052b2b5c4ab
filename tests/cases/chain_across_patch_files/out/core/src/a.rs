fn main() {
    newer();
}
