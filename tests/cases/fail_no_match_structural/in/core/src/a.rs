pub fn resolve(a: u8) -> Option<u8> {
    start(1);
    select! {
        check(a) => {}
    }
}
