fn a() {
    cap(6);
}

fn b() {
    cap(12);
    cap(12);
}
