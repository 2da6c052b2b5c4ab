//! TOML targets: from a checked query and operation to places in a text and byte edits. Pure.
//!
//! ```text
//! model    what a text holds: its statements, in order
//! view     sections, comments, blank lines           content  equal content, whatever the formatting
//! remove   edits that take something out             add      edits that put something in
//! section  insert-section                            settle   the door: query, operation, text -> Sites
//! nearest  "did you mean"                            advance  the model after an edit
//! form     what an operation puts in, as a document
//! naming   from a line to the section and key that stand there
//! ```
//!
//! Nothing here writes TOML through a document tree: such a tree prints the whole file anew, and bytes that
//! no patch names must stay as they are.

mod add;
mod advance;
mod content;
pub mod form;
pub mod model;
pub mod naming;
mod nearest;
mod remove;
mod section;
pub mod settle;
mod view;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use model::{Model, TomlError};
pub use nearest::nearest;
pub use section::check_section_text;
pub use settle::{Sites, TomlSite, settle_sites};
