mod m {
    /// Runs.
    fn main() {
        run();
    }
}
