//! The command `list`: the patches of the patch files, as a table or as JSON.

use std::fmt::Write as _;

use codex_patcher::patch::{Patch, PatchFile};
use codex_patcher::run::RunError;
use codex_patcher::run::selection::Selection;
use serde_json::json;
use unicode_width::UnicodeWidthStr as _;

use super::human::{TextStyle, padded};

/// Leaves what the selection names; a file of which nothing is left goes too.
pub(crate) fn narrow(files: &mut Vec<PatchFile>, selection: &Selection) -> Result<(), RunError> {
    selection.check(files.iter().flat_map(|file| &file.patches))?;
    files.retain_mut(|file| {
        let was_empty = file.patches.is_empty();
        file.patches.retain(|patch| selection.names(patch));
        was_empty && selection.only.is_empty() || !file.patches.is_empty()
    });
    Ok(())
}

/// The listing.
pub(crate) fn render(files: &[PatchFile], as_json: bool, look: &TextStyle) -> String {
    if as_json {
        let document = json!({ "schema": codex_patcher::outcome::SCHEMA, "command": "list", "files": files.iter().map(file).collect::<Vec<_>>() });
        return serde_json::to_string_pretty(&document).expect("plain data") + "\n";
    }
    let patches: Vec<&Patch> = files.iter().flat_map(|file| &file.patches).collect();
    let ids = patches.iter().map(|patch| patch.id.width()).max().unwrap_or(0);
    let kinds = patches.iter().map(|patch| kind(patch).len()).max().unwrap_or(0);
    let mut text = String::new();
    for file in files {
        let about = file.description.as_deref().unwrap_or_default();
        let _ = writeln!(text, "{} {}", look.note(&file.path), about.lines().next().unwrap_or_default());
        for patch in &file.patches {
            let row = format!(
                "  {}  {:<kinds$}  {}  {}",
                padded(&patch.id, ids),
                kind(patch),
                patch.files.join(" | "),
                versions(patch)
            );
            let _ = writeln!(text, "{}", row.trim_end());
            if let (true, Some(description)) = (look.verbose, &patch.description) {
                let _ = writeln!(text, "      {}", description.trim().replace('\n', "\n      "));
            }
        }
    }
    text
}

fn kind(patch: &Patch) -> String {
    format!("{} {}", patch.action.query_kind().name(), patch.action.operation_kind().name())
}

fn versions(patch: &Patch) -> String {
    let ranges: Vec<&str> =
        patch.versions.iter().filter(|range| !range.is_any()).map(|range| range.as_str()).collect();
    let off = if patch.enabled { "" } else { " (disabled)" };
    format!("{}{off}", ranges.join(" and "))
}

fn file(file: &PatchFile) -> serde_json::Value {
    json!({
        "path": &*file.path,
        "name": file.name,
        "description": file.description,
        "patches": file.patches.iter().map(patch).collect::<Vec<_>>(),
    })
}

fn patch(patch: &Patch) -> serde_json::Value {
    json!({
        "id": patch.id,
        "description": patch.description,
        "line": patch.origin.line,
        "files": patch.files,
        "query": patch.action.query_kind().name(),
        "operation": patch.action.operation_kind().name(),
        "versions": patch.versions.iter().map(|range| range.as_str()).collect::<Vec<_>>(),
        "enabled": patch.enabled,
    })
}
