fn split(span: Span) -> usize {
    let (start, end);
    Span { start, end, .. } = span;
    shift::<-1>(start) + width(10)
}

unsafe extern "C" {
    pub safe fn sqrt(x: f64) -> f64;
    fn cbrt(x: f64) -> f64;
}
