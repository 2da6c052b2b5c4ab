enum Mode {
    On,
    Patched,
    #[default]
    Off,
}

fn main() {
    start(early);
    start();
    list(vec(
        first(),
        second(),
        third(),
        final_one()
    ));
}
