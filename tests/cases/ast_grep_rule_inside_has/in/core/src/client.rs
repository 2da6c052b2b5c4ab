fn post() {
    retry(1);
}

fn stream() {
    if ready() {
        retry(2);
    }
}

fn stream_all() {
    retry(3);
}
