const LIMIT: usize = 2500;

fn load_file() {
    close();
    retry(330);
    wait(55);
    wait(15);
    log("\nshut;");
}

fn open_now() {}

fn open_later() {}
