const MAX_THREADS: usize = 6;
/// See above: $5.
const SEEN: bool = true;
const MIN_THREADS: usize = 1;
mod inner {
    const MAX_DEPTH: usize = 3;
    /// See above: $5.
    const SEEN: bool = true;
}
