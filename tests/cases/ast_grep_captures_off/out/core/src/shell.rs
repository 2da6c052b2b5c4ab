fn run() {
    script("echo $HOME $S");
}
