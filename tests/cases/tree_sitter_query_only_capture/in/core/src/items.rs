fn level(mode: Mode) -> u8 {
    match mode {
        Mode::Safe => 1,
        Mode::Full => 2,
        _ => 3,
    }
}
