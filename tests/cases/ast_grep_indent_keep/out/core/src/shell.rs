mod m {
    fn run() {
        start(
  Options {
            early: true,
        },
      late,
);
    }
}
