const MAX_THREADS: usize = 6;
const MIN_THREADS: usize = 1;
mod inner {
    const MAX_DEPTH: usize = 3;
}
