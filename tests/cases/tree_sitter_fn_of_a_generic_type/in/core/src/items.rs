impl<T: Send> crate::net::Stream<T> {
    fn poll(&mut self) -> bool {
        false
    }
}

impl<T> Streams<T> {
    fn poll(&mut self) -> bool {
        false
    }
}
