fn name(level: u8) -> &'static str {
    match level {
        0 => low(),
        1 => high(),
        _ => unknown(),
    }
}

fn react(state: State) {
    match state {
        State::Open => open(),
        State::Closed => { close() }
        _ => {}
    }
}

struct Limits {
    tokens: Map<u8, u64>,
    retries: u32,
}

enum Tier {
    Free,
    Paid { seats: u32 },
    Local,
}

fn limits() -> Limits {
    Limits { tokens: Map::new(), retries: 3 }
}

fn run<T: Send + Clone + Debug>(task: T, now: bool) {}

fn setup() {
    trace();
    let pairs: Map<u8, u8> = Map::new();
    done()
}

fn first<'text>(text: &'text [u8]) {}

fn poll() {
    'outer: while more() { break 'outer; }
}
