fn resolve() -> Option<u8> {
    None
}

fn other() -> Option<u8> {
    Some(1)
}
