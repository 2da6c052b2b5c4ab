//! Tolerance: find the place that a text has become, and carry a change over to it.
//!
//! Pure, and ignorant of patches, files and syntax: texts in, spans, texts and verdicts out. [`similar`]
//! finds and measures, [`look`] finds the files worth that, [`mod@merge`] joins three texts, [`difference`] shows two
//! of them. Nothing here decides
//! *whether* tolerance is asked for: without it this room is not entered.

mod align;
mod atoms;
pub mod difference;
mod lines;
pub mod look;
pub mod merge;
pub mod similar;
pub mod trail;
mod votes;

pub use difference::{small_diff, token_diff};
pub use look::{Candidate, Look, Match, Needle, Trace};
pub use merge::{Merged, carry, merge, merge_lines, same_tokens};
pub use similar::{Verdict, Window, best_windows, clear_winner, similarity};
