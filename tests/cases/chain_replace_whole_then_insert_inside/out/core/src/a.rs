mod m {
    #[inline]
    fn main() {
        one();
        if ready {
            between();
        }
        two();
    }
}
