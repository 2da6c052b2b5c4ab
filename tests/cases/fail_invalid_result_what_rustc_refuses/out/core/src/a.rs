trait Door {
    fn open(&self);
}

fn open_all(count: usize) {}

#[derive(Debug)] // see below
// and here
struct Gone;

fn enter() {
    let pair = read();
    wait(10);
    let Door { key, key } = spare;
}
