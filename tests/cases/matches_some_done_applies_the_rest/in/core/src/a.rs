fn a() {
    limit(12);
}

fn b() {
    limit(6);
    limit(6);
}
