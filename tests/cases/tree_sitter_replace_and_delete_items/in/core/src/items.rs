use crate::banner::Banner;
use crate::news::News;

/// How many.
pub(crate) const DEFAULT_AGENT_MAX_THREADS: Option<usize> = Some(6);

/// Prints it.
fn print_banner() {
    Banner::print();
}
