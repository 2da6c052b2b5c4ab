impl<T: Send> crate::net::Stream<T> {
    fn poll(&mut self) -> bool {
        let s = "$x";
        true
    }
}

impl<T> Streams<T> {
    fn poll(&mut self) -> bool {
        false
    }
}
