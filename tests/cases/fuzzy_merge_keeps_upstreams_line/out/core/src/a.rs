fn start(options: Options) {
    let client = Client::new(options.address);
    client.trace("upstream put this in");
    client.connect();
    client.run();
}
