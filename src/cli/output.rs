//! Whether standard output takes what will be said, asked before anything is written to a tree.
//!
//! A script learns from the report what a run did. So a run that could not tell does nothing. Nothing is printed to find out:
//! a device that is full refuses an empty write too (`/dev/full`), and a pipe tells when nobody reads it any more. A file on a
//! disk that fills up later, and a reader that goes away later, are noticed only then.

use super::error::Trouble;

/// # Errors
/// [`Trouble::Silenced`] if standard output takes nothing.
#[cfg(unix)]
pub(super) fn check() -> Result<(), Trouble> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let out = rustix::stdio::stdout();
    rustix::io::write(out, &[]).map_err(|error| Trouble::Silenced(error.into()))?;
    let mut asked = [PollFd::new(&out, PollFlags::OUT)];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    let is_closed = poll(&mut asked, Some(&at_once)).is_ok() && asked[0].revents().contains(PollFlags::ERR);
    if is_closed { Err(Trouble::Silenced(std::io::ErrorKind::BrokenPipe.into())) } else { Ok(()) }
}

/// # Errors
/// None: this system is not asked.
#[cfg(not(unix))]
pub(super) fn check() -> Result<(), Trouble> {
    Ok(())
}
