fn start(options: Options) {
    let client = Client::new(options.address);
    client.trace("upstream");
    client.connect();
    client.run(1);
}
