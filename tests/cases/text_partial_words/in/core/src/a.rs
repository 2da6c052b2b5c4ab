const LIMIT: usize = 1000;

fn read_file() {
    close_all();
    retry(30);
    wait(55);
    wait(5);
    log("\nopen;");
}

fn open() {}

fn open_later() {}
