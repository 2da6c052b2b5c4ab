mod m {
    fn main() {
        old();
    }
}
