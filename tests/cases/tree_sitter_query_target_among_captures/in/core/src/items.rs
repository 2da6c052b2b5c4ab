fn resolve() -> Option<u8> {
    Some(1)
}

fn other() -> Option<u8> {
    Some(1)
}
