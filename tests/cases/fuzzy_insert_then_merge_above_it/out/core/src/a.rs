fn begin(options: Options) {
    let client = Client::new(options.address);
    client.connect();
    client.trace("upstream");
    client.send_telemetry();
    client.patched();
    client.run();
}
