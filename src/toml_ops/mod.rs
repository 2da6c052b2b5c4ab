//! TOML targets: from a checked query and operation to places in a text and byte edits. Pure.
//!
//! ```text
//! model       what a text holds: its statements, in order
//! content     equal content, whatever the formatting  view      sections, comments, blank lines
//! remove      edits that take something out           add       edits that put something in
//! sites       what an operation finds: data           section   insert-section
//! find        the door: query, operation, text -> TomlSites
//! fragment    what an operation puts in, as a document
//! suggestion  "did you mean"                          naming    from a line to the section and key that stand there
//! obstacle    what is in the way, in what notation
//! ```
//!
//! Each names only those above it.
//!
//! Nothing here writes TOML through a document tree: such a tree prints the whole file anew, and bytes that
//! no patch names must stay as they are.

mod add;
mod content;
mod find;
pub(crate) mod fragment;
pub(crate) mod model;
pub(crate) mod naming;
mod obstacle;
mod remove;
mod section;
mod sites;
mod suggestion;
mod view;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub(crate) use find::find_sites;
pub(crate) use model::Model;
pub(crate) use obstacle::{
    Obstacle, Written, dotted_path, has_section, obstacle, only_implied, refused_header,
};
pub(crate) use section::check_section_text;
pub(crate) use sites::TomlSites;
pub(crate) use suggestion::suggestion;
