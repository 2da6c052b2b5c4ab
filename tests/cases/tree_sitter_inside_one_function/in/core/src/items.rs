fn threads() -> usize {
    6
}

fn depth() -> usize {
    6
}
