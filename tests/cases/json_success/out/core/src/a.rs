fn main() {
    un();
    due();
}
