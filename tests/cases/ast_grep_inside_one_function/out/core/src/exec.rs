impl Exec {
    fn probe() {
        timeout(10);
    }
    fn spawn() {
        timeout(10 * 6);
        timeout(timeout(20) * 6);
    }
}
fn spawn() {
    timeout(30 * 6);
}
