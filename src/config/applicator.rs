//! The founding name of the conductor; the rooms are `run/` and `plan/sites/`.

pub use crate::plan::sites::{compute_edit_for_patch, compute_structural_edit, compute_text_edit};
pub use crate::run::apply_patches;
