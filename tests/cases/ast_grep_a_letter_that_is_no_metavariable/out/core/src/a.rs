fn pause() {
    wait(µS + 1, unit);
    wait(mS, unit);
}

struct MM {
    length: u64,
}

struct µM {
    length: µM<u64>,
}
