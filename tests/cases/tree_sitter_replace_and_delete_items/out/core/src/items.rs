use crate::banner::Banner;
// no news

/// How many.
pub(crate) const DEFAULT_AGENT_MAX_THREADS: Option<usize> = Some(12);

