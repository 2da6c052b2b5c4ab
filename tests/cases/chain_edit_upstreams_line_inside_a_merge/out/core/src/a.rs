fn start(options: Options) {
    let client = Client::new(options.address);
    client.trace("here");
    client.connect();
    client.run();
}
