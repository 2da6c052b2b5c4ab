pub fn start() {
    print_update_banner();
    run();
}
