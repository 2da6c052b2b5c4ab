fn limits() {
    limit("threads", 6);
    limit("tokens", 1000);
    limit("bytes", 100);
    limit("words", many);
}
