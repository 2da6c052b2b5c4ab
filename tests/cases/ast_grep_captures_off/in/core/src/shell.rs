fn run() {
    script("echo");
}
