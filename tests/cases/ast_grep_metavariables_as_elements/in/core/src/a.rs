struct Limits {
    /// Bytes.
    #[serde(default)]
    pub size: u64, // of the body
    retries: u8,
    #[cfg(test)]
    seed: u64,
}

struct Empty {
    retries: u16,
}

enum Event {
    Start,
    Stop { code: i32, late: bool },
    Tick(u64), // each second
}

fn level(name: &str) -> u8 {
    match name {
        "none" => 0, // nothing
        #[cfg(debug)]
        "trace" => 9,
        "warn" => 2,
        // The rest.
        _ => {
            report(name);
            5
        }
    }
}

fn send<T, U>(what: T)
where
    T: Encode,
    U: Sink,
{
    what.encode();
}

fn start() {
    let config = load();

    // The journal.
    let journal = open(&config); // may block
    notify();
    run(journal)
}

fn only() {
    notify_all();
}

struct Pair(pub u8, #[serde(skip)] u16);

fn kind(kind: &str) -> Kind {
    match kind {
        "on" => Kind::On,
        "off" => Kind::Off, // at night
        _ => Kind::Auto,
    }
}
