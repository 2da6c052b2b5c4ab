fn main() {
    start();
}

fn other() {
    let timeout = Duration::from_secs(30);
    run(timeout);
}
