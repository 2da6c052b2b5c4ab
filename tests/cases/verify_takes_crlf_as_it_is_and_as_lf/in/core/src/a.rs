fn sha() -> usize {
    6
}

fn exact() -> usize {
    6
}
