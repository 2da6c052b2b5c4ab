//! ^C, TERM and HUP during a commit: they are noted, the commit puts back what it did, and the run says so.
//!
//! Outside of a commit they end the process as they always do: then nothing is half written. A signal that the process was
//! started to ignore (`nohup`) stays ignored where the system says which those are. `signal-hook` has the handlers, which do
//! nothing but note the signal.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Whether the program asked for this.
static HEEDED: AtomicBool = AtomicBool::new(false);

/// From now on a commit that ^C, TERM or HUP interrupts puts all files back: see [`super::CommitError::Interrupted`]. For a
/// program; a library that changes what signals do is no good guest.
pub fn heed_signals() {
    HEEDED.store(true, Ordering::SeqCst);
}

/// What the handlers know.
#[derive(Debug, Clone, Default)]
pub(super) struct Noted {
    /// The number of the last signal, 0 for none.
    pub(super) signal: Arc<AtomicUsize>,
    /// Whether no commit is under way.
    idle: Arc<AtomicBool>,
}

/// The time of a commit. Signals that come in it are noted; when it ends they have their usual effect again.
#[derive(Debug)]
pub(super) struct Watch(Noted);

impl Watch {
    /// Begins to note signals, if the program asked for it.
    pub(super) fn begin() -> Self {
        let noted = if HEEDED.load(Ordering::SeqCst) { system::noted() } else { Noted::default() };
        Self::of(noted)
    }

    /// The same with handlers that are known.
    pub(super) fn of(noted: Noted) -> Self {
        noted.signal.store(0, Ordering::SeqCst);
        noted.idle.store(false, Ordering::SeqCst);
        Self(noted)
    }

    /// The signal that came.
    pub(super) fn signal(&self) -> Option<Signal> {
        match self.0.signal.load(Ordering::SeqCst) {
            0 => None,
            number => i32::try_from(number).ok().map(Signal),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.idle.store(true, Ordering::SeqCst);
    }
}

/// A signal, by its number. Its `Display` is its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signal(pub i32);

impl std::fmt::Display for Signal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match system::name(self.0) {
            Some(name) => f.write_str(name),
            None => write!(f, "signal {}", self.0),
        }
    }
}

#[cfg(unix)]
mod system {
    use std::sync::OnceLock;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::{flag, low_level};

    use super::Noted;

    static NOTED: OnceLock<Noted> = OnceLock::new();

    /// The handlers, which are set when this is first called.
    pub(super) fn noted() -> Noted {
        let set = || {
            let noted = Noted::default();
            let ignored = ignored();
            for signal in [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !ignored(*signal)) {
                // Where one cannot be set, the signal ends the process, as it does without this.
                let _ = flag::register_conditional_default(signal, noted.idle.clone());
                let _ = flag::register_usize(signal, noted.signal.clone(), signal.unsigned_abs() as usize);
            }
            noted
        };
        NOTED.get_or_init(set).clone()
    }

    /// Which signals this process was started to ignore.
    fn ignored() -> impl Fn(i32) -> bool {
        let mask = if cfg!(target_os = "linux") { mask() } else { None };
        move |signal| mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
    }

    #[expect(clippy::disallowed_methods, reason = "what Linux says of this process")]
    fn mask() -> Option<u64> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(line.trim(), 16).ok()
    }

    pub(super) fn name(signal: i32) -> Option<&'static str> {
        low_level::signal_name(signal)
    }
}

#[cfg(not(unix))]
mod system {
    use super::Noted;

    pub(super) fn noted() -> Noted {
        Noted::default()
    }

    pub(super) fn name(_: i32) -> Option<&'static str> {
        None
    }
}
