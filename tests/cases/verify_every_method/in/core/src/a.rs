fn exact() -> usize {
    6
}

fn exact_old() -> usize {
    6
}

fn sha() -> usize {
    6
}

fn sha_by_length() -> usize {
    6
}

fn xx() -> usize {
    6
}

fn xx_by_length() -> usize {
    6
}
