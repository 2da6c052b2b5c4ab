/// Sends what happened.
#[cfg(feature = "telemetry")]
// while it lasts
#[must_use]
pub fn send() -> bool {
    true
}

/// Stays.
pub fn stay() {}
