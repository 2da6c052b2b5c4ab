struct S;

impl S {
    /// One.
    /// Drei.
    #[must_use]
    fn f(&self) -> u8 {
        1
    }

    /// Four.
    #[cold]
    #[inline]
    fn g(&self) {}
}
