fn broken( {
}

fn main() {
    one();
    two(later);
}
