impl Exec {
    fn probe() {
        timeout(10);
    }
    fn spawn() {
        timeout(10);
        timeout(timeout(20));
    }
}
fn spawn() {
    timeout(30);
}
