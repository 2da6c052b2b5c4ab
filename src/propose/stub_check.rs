//! Checks that a stub, once edited, would apply at its place and nowhere else.
//!
//! The check asks the code that a real run would ask: it edits the stub, writes it, loads it as a patch file, and
//! searches for it with the planner's locators, constraint included. The inserted text must be, byte for byte, the
//! code of the place with the edit; so indentation, captures and quoting are checked too.

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
