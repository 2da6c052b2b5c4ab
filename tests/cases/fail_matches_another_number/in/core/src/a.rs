fn a() {
    limit(6);
}

fn b() {
    limit(6);
    limit(6);
}
