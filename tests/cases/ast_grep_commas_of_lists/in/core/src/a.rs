use tools::{
    log,
    span,
};

#[derive(Debug, Clone)]
struct A;

#[derive(
    Debug,
    Clone,
)]
struct B;

enum Event {
    Start,
    Stop, // the end
}

struct Server {
    port: u16,
    name: String,
}

fn configure(
    path: &Path,
    quiet: bool,
) {}

fn convert<T>() {}

fn main() {
    log();
    log(a, b);
    log(a, b,);
    log(
        a,
        b, // why
    );
    let x = (items![], items![a,]);
    let options = Options { a: 1, b: 2, };
    front();
    front(
        a,
        b,
    );
    pair();
    keep(one, dropped(two));
}
