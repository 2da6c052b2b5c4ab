//! Whether a stub, once edited, would act at its place and at no other: asked of those who will be asked then.
//!
//! The stub is edited, written down, loaded as a patch file and looked for by the planner's locators, its constraint
//! included. What it would put there must be what stands there with the edit, byte for byte: so indentation, captures and
//! quoting are tried, too.

use super::stub::{Stub, edited};
use crate::config::schema;
use crate::patch::{OperationKind, QueryKind};
use crate::plan::Terms;
use crate::plan::draft::Draft;
use crate::plan::sites::{Chain, compute_edit_for_patch};

/// Whether the stub acts on its span of the draft, and only there.
pub(super) fn acts_there_alone(stub: &Stub, draft: &mut Draft) -> bool {
    let path = draft.path().to_owned();
    let unedited = stub.operation.kind == OperationKind::SetValue;
    let toml = if unedited { stub.toml(&path) } else { stub.edited(&path) };
    let (Some(file), _) = schema::parse("new", "new", &toml) else { return false };
    let [patch] = file.patches.as_slice() else { return false };
    let Ok(sites) = compute_edit_for_patch(patch, &Terms::EXACT, draft, &Chain::default()) else {
        return false;
    };
    let ([site], None) = (sites.pending.as_slice(), &sites.other_content) else { return false };
    let [edit] = site.edits.as_slice() else { return false };
    if !sites.present.is_empty() {
        return false;
    }
    if unedited {
        return stub.span.contains(&site.span.start) || stub.span.end == site.span.start;
    }
    let standing = &draft.text()[stub.span.clone()];
    let wanted = match stub.kind {
        QueryKind::Toml => format!("[{standing}]"),
        _ => edited(standing),
    };
    site.span == stub.span && edit.span() == stub.span && edit.text() == wanted
}
