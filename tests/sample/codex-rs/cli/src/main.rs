fn main() {
    println!("codex {}", env!("CARGO_PKG_VERSION"));
}
