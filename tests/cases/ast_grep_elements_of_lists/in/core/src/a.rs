enum Mode {
    On,
    #[default]
    Off,
}

fn main() {
    start(early, late);
    start(lonely);
    list(vec(
        first(),
        second(),
        final_one()
    ));
}
