//! Whether a sketch, once edited, would act at its place and at no other: asked of those who will be asked then.
//!
//! The sketch is edited, written down, loaded as a patch file and looked for by the planner's locators, its constraint
//! included. What it would put there must be what stands there with the edit, byte for byte: so indentation, captures and
//! quoting are tried, too.

use super::Kind;
use super::sketch::{Sketch, edited};
use crate::config::schema;
use crate::plan::Terms;
use crate::plan::draft::Draft;
use crate::plan::sites::{Company, compute_edit_for_patch};

/// Whether the sketch acts on its span of the draft, and only there.
pub(super) fn acts_there_alone(sketch: &Sketch, draft: &mut Draft) -> bool {
    let path = draft.path().to_owned();
    let unedited = sketch.operation.kind == "set-value";
    let toml = if unedited { sketch.toml(&path) } else { sketch.edited(&path) };
    let (Some(file), _) = schema::parse("new", "new", &toml) else { return false };
    let [patch] = file.patches.as_slice() else { return false };
    let Ok(sites) = compute_edit_for_patch(patch, &Terms::EXACT, draft, &Company::default()) else {
        return false;
    };
    let ([site], None) = (sites.pending.as_slice(), &sites.other_content) else { return false };
    let [edit] = site.edits.as_slice() else { return false };
    if !sites.present.is_empty() {
        return false;
    }
    if unedited {
        return sketch.span.contains(&site.span.start) || sketch.span.end == site.span.start;
    }
    let standing = &draft.text()[sketch.span.clone()];
    let wanted = match sketch.kind {
        Kind::Toml => format!("[{standing}]"),
        _ => edited(standing),
    };
    site.span == sketch.span && edit.span() == sketch.span && edit.text() == wanted
}
