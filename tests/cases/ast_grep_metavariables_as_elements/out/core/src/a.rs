struct Limits {
    /// Bytes.
    #[serde(default)]
    pub size: u64, // of the body
    attempts: Attempts,
    #[cfg(test)]
    seed: u64,
}

struct Empty { attempts: Attempts }

enum Event {
    Start,
    Stop { code: i32, since: Instant },
    Tick(u64), // each second
}

fn level(name: &str) -> u8 {
    match name {
        "none" => 0, // nothing
        #[cfg(debug)]
        "trace" => 9,
        "warn" => quieter(2),
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
    U: Sink + Send,
{
    what.encode();
}

fn start() {
    let config = load();
    notify_first();
    // The journal.
    let journal = open(&config); // may block
    run(journal)
}

fn only() {
    notify_none();
}

struct Three(#[serde(skip)] u16, pub u8, u32);

fn kind(kind: &str) -> Kind {
    match kind {
        "on" => Kind::On,
        "off" => silent(&Kind::Off), // at night
        _ => Kind::Auto,
    }
}
