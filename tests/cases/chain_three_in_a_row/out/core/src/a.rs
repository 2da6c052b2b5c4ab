fn main() {
    begin(2, late);
}
