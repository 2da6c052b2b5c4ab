fn start(options: Options) {
    let client = Client::new(options.address);
    client.connect();
    client.trace("upstream");
    client.send_telemetry();
    client.run();
}
