fn main() {
    first();
    second();
    third();
}
