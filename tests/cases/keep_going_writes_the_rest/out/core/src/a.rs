fn main() {
    eins();
    zwei();
}
