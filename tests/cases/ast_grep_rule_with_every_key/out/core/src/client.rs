fn run() {
    open();
    step(a);
    skip_step(b);
    close();
}

fn walk() {
    open();
    step(a);
    step(b);
    let x = 1;
    close();
}
