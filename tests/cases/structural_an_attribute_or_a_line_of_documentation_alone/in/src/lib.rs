struct S;

impl S {
    /// One.
    /// Two.
    /// Three.
    #[must_use]
    #[instrument(skip(self))]
    fn f(&self) -> u8 {
        1
    }

    /// Four.
    #[inline]
    fn g(&self) {}
}
