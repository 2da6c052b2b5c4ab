//! The sites of TOML queries, and of what later patches made of a TOML operation.

use super::{Chain, Occurrence, Occurs, Pending, Sites};
use crate::patch::{TomlOperation, TomlQuery};
use crate::plan::draft::Draft;
use crate::plan::failure::Failure;
use crate::toml_ops;

/// The sites of a TOML query.
///
/// # Errors
/// [`Failure::BadTarget`] if the target is not TOML, [`Failure::MissingNeighbour`].
pub(crate) fn compute_toml_edit(
    query: &TomlQuery,
    operation: &TomlOperation,
    draft: &mut Draft,
    chain: &Chain,
) -> Result<Sites, Failure> {
    let model = draft.toml().map_err(|error| Failure::BadTarget {
        message: format!("the target is not valid TOML: {}", error.message),
        hint: Some(format!(
            "see line {} of the target",
            draft.line_as_read(error.offset.min(draft.text().len()))
        )),
    })?;
    let mut own = toml_ops::find_sites(query, operation, draft.text(), &model);
    let present: Vec<Occurrence> =
        own.present.drain(..).map(|span| Occurrence { span, how: Occurs::AsWritten }).collect();
    let mut sites = Sites {
        present,
        other_content: own.other_content,
        absent: own.absent,
        pending: own.pending.into_iter().map(|s| Pending { span: s.span, edits: s.edits }).collect(),
        ..Sites::default()
    };
    for stage in chain.stages.iter().skip(1) {
        let reworked = toml_ops::fragment::with_text(operation, stage);
        let found = toml_ops::find_sites(query, &reworked, draft.text(), &model);
        take_reworked(&mut sites, found, matches!(operation, TomlOperation::InsertSection { .. }));
    }
    match own.missing_neighbour.filter(|_| sites.present.is_empty()) {
        Some(section) => Err(Failure::MissingNeighbour { section }),
        None => Ok(sites),
    }
}

/// Takes in where an operation's effect stands as later patches left it: what stands under any stage is there.
fn take_reworked(sites: &mut Sites, found: toml_ops::TomlSites, inserts: bool) {
    if found.present.is_empty() {
        return;
    }
    sites.absent = false;
    if found.other_content.is_none() {
        sites.other_content = None;
    }
    for span in found.present {
        sites.pending.retain(|f| !inserts && f.span != span);
        if !sites.present.iter().any(|place| place.span == span) {
            sites.present.push(Occurrence { span, how: Occurs::Reworked });
        }
    }
    sites.present.sort_by_key(|place| place.span.start);
}
