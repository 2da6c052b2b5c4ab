fn start(options: Options) {
    let client = Client::new(options.address);
    client.trace("upstream");
    client.connect();
    client.send_telemetry();
    client.run();
}
