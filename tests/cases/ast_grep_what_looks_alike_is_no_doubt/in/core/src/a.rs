fn main() {
    start(config, telemetry, events);
    wait(Duration::from_secs(30));
    wait(Duration::from_secs(5));
}

struct Server {
    enabled: bool,
    log_enabled: bool,
}

impl Server {
    fn run(&self) {
        info!("open");
        info!("run");
    }

    fn tell(&self) {
        self.send(Event::Open);
        self.send(Event::Run);
    }
}
