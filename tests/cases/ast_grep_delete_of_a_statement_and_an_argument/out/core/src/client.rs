fn build(event: Event) -> Client {
    // telemetry
    match event {
        // Sent is not recorded: sent()
        Event::Other => {}
    }
    Client { name: "codex", retries: 2 }
}
