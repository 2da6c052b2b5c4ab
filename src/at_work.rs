//! What each thread is planning, for the one who has to say it when a bug ends the run. Pure.
//!
//! A panic hook runs on the thread that panics, before anything is unwound, and knows nothing of the code above it. So who
//! plans a patch on a target notes both here first. Nothing else reads this.

use std::cell::RefCell;

thread_local! {
    static NOW: RefCell<Option<AtWork>> = const { RefCell::new(None) };
}

/// A patch and the target that it is planned on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtWork {
    /// The id of the patch; `None` where all patches of the target are looked at together.
    pub patch: Option<String>,
    /// The target, relative to the workspace.
    pub target: String,
}

/// Notes what this thread works on, until the note is dropped. What was noted before then counts again.
#[must_use]
pub(crate) struct Note(Option<AtWork>);

/// This thread now plans `patch` on `target`.
pub(crate) fn note(patch: Option<&str>, target: &str) -> Note {
    let now = AtWork { patch: patch.map(str::to_owned), target: target.to_owned() };
    Note(NOW.replace(Some(now)))
}

impl Drop for Note {
    fn drop(&mut self) {
        NOW.set(self.0.take());
    }
}

/// What this thread works on.
pub fn now() -> Option<AtWork> {
    NOW.with_borrow(Clone::clone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_counts_until_it_is_dropped_or_the_thread_panics() {
        let target = || now().map(|now| (now.patch, now.target));
        let named = |patch: &str, target: &str| Some((Some(patch.to_owned()), target.to_owned()));
        assert_eq!(target(), None);
        let outer = note(Some("a"), "x.rs");
        let panicked = std::panic::catch_unwind(|| {
            let _inner = note(Some("b"), "y.rs");
            assert_eq!(target(), named("b", "y.rs"));
            // No message: this one is made to be caught.
            std::panic::resume_unwind(Box::new(()));
        });
        assert!(panicked.is_err());
        assert_eq!(target(), named("a", "x.rs"));
        assert_eq!(std::thread::spawn(now).join().unwrap(), None);
        drop(outer);
        assert_eq!(target(), None);
    }
}
