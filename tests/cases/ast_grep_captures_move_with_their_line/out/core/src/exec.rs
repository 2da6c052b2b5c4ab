fn run() {
    let child = guarded(|| {
        spawn(Command {
            program: "sh",
            args: vec![
                "-c",
            ],
            script: "
line one
  line two
",
        })
    });
    child.wait();
}
