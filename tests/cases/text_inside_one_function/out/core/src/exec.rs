fn probe() {
    timeout(10);
}

fn spawn() {
    // as long as it takes
    timeout(60);
}

fn other() {
    timeout(60);
}
