pub fn start() {
    run();
}
