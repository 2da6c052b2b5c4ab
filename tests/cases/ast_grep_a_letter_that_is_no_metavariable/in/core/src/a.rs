fn pause() {
    wait(µS, unit);
    wait(mS, unit);
}

struct MM {
    length: u64,
}

struct µM {
    length: u64,
}
