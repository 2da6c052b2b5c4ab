fn build(event: Event) -> Client {
    record(event, "built"); // telemetry
    match event {
        Event::Sent => sent(),
        Event::Other => {}
    }
    Client { name: "codex", telemetry: on(), retries: 2 }
}
