use tools::{
    log,
    span,
    trace,
};

#[derive(Debug, Clone, Hash)]
struct A;

#[derive(
    Debug,
    Clone,
    Hash,
)]
struct B;

enum Event {
    Start,
    Stop, // the end
    Extra,
}

struct Server {
    port: u32,
    name: String,
}

fn configure(
    path: &Path,
    quiet: bool,
    extra: bool,
) {}

fn convert<T, Extra>() {}

fn main() {
    log(now);
    log(a, b, now);
    log(a, b, now,);
    log(
        a,
        b, // why
        now,
    );
    let x = (items![last], items![a, last,]);
    let options = Options { a: 1, b: 2, extra: true, };
    front(first);
    front(
        first,
        a,
        b,
    );
    pair((first,));
    keep(one);
}
