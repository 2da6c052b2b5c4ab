fn broken( {
}

fn main() {
    uno();
    two(later);
}
