/// Sends what happened.
#[cfg(feature = "telemetry")]
// while it lasts
#[must_use]

/// Stays.
pub fn stay() {}
