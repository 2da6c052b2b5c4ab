fn defaults(mode: Mode) -> Config {
    let level = match mode {
        Mode::Safe => 1, // the default
        Mode::Patched => 3,
        Mode::Full => 2,
    };
    Config { level, max_threads: 6 * 2, min_threads: 1 }
}
