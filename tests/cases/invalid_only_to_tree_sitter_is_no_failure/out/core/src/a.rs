fn split(span: Span) -> usize {
    let (start, end);
    Span { start, end, .. } = span;
    shift::<-1>(start) + width::<-2>(20)
}

unsafe extern "C" {
    pub safe fn sqrt(x: f64) -> f64;
    pub safe fn cbrt(x: f64) -> f64;
}
