fn main() {
    start(config, telemetry_handle, events);
    // off
    open();
    report(now);
}

struct Server {
    name: Name,
    telemetry: Option<Handle>,
}

impl Server {
    fn run(&self) {
        self.open();
        self.report(1, 2);
        self.flush(now);
    }

    fn rename(&mut self, to: &mut String) {}
}
