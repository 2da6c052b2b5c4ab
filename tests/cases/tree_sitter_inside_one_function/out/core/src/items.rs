fn threads() -> usize {
    12
}

fn depth() -> usize {
    6
}
