fn level(mode: Mode) -> u8 {
    match mode {
        // an arm
        Mode::Safe => 1,
        // an arm
        Mode::Full => 2,
        _ => 3,
    }
}
