mod m {
    fn helper() {
        help(2);
        more();
    }
    /// Runs.
    fn main() {
        run();
    }
}
