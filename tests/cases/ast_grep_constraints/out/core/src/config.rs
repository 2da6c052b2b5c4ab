fn limits() {
    limit("threads", 6);
    limit("tokens", 9 * 1000);
    limit("bytes", 9 * 100);
    limit("words", many);
}
