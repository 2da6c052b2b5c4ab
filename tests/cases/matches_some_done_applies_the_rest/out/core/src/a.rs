fn a() {
    limit(12);
}

fn b() {
    limit(12);
    limit(12);
}
