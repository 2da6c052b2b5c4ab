pub fn start() {
    // no banner
    run();
}
