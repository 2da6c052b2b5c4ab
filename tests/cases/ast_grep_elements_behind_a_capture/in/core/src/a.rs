fn name(level: u8) -> &'static str {
    match level {
        0 => low(),
        1 => high()
    }
}

fn react(state: State) {
    match state {
        State::Open => open(),
        State::Closed => { close() }
    }
}

struct Limits { tokens: Map<u8, u64> }

enum Tier {
    Free,
    Paid { seats: u32 }
}

fn limits() -> Limits {
    Limits { tokens: Map::new() }
}

fn run<T: Clone + Debug>(task: T) {}

fn setup() {
    let pairs: Map<u8, u8> = Map::new();
}

fn first<'text>(text: &'text str) {}

fn poll() {
    'outer: loop {
        break 'outer;
    }
}
