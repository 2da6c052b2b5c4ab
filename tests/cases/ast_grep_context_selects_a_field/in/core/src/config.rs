fn defaults(mode: Mode) -> Config {
    let level = match mode {
        Mode::Safe => 1, // the default
        Mode::Full => 2,
    };
    Config { level, max_threads: 6, min_threads: 1 }
}
