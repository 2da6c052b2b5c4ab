fn main() {
    before();
    after();
}
