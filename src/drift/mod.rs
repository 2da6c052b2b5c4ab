//! Tolerance: find the place that a text has become, and carry a change over to it.
//!
//! Pure, and ignorant of patches, files and syntax: texts in, spans, texts and verdicts out. `similar`
//! finds a place and measures how like it is, `workspace_search` finds the files in which that is worth doing,
//! `merge` joins three texts, `trail` follows a text through history, `relocation` tells what texts say about
//! code that left its file, `difference` shows two texts side by side. Nothing here decides *whether* tolerance is
//! asked for: without it this room is not entered.

mod align;
mod candidates;
pub(crate) mod difference;
mod heaviest;
pub(crate) mod merge;
pub(crate) mod relocation;
pub(crate) mod similar;
pub(crate) mod trail;
mod word_tokens;
pub(crate) mod workspace_search;

pub use similar::{Window, best_windows};
pub use workspace_search::{CandidateFile, Coverage, FileHits, Needle, WorkspaceSearch};
