fn main() {
    start(config, events);
    wait(PATIENCE);
    wait(Duration::from_secs(5));
}

struct Server {
    log_enabled: bool,
}

impl Server {
    fn run(&self) {
        info!("run");
    }

    fn tell(&self) {
        // off
        self.send(Event::Run);
    }
}
