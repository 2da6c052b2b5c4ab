//! The command `new`: prints a patch for a place, or lists the places of a file.

use std::fmt::Write as _;
use std::path::Path;

use codex_patcher::files::{Files as _, WorkTree};
use codex_patcher::propose::{Outline, Proposal, Row, TargetFile};
use codex_patcher::source::Source;
use codex_patcher::workspace::{self, TargetError, Workspace};
use serde_json::json;

use super::args::{Format, NewArgs};
use super::error::{Exit, Trouble};
use super::{print, print_exact};

/// Proposes, and prints.
pub(super) fn tell(new: &NewArgs, current_dir: &Path) -> Result<Exit, Trouble> {
    let workspace = Workspace::find(new.workspace.as_deref(), current_dir).map_err(Trouble::Workspace)?;
    let (file, line) = place(&new.place);
    let found = find(&workspace, file, current_dir)?;
    let path = &found.relative;
    let bytes = WorkTree::new(workspace.root())
        .read(path)
        .map_err(|error| Trouble::Unreadable { path: path.clone(), reason: error.to_string() })?;
    let source = Source::decode(&bytes)
        .map_err(|error| Trouble::Unreadable { path: path.clone(), reason: error.to_string() })?;
    let mut target = TargetFile::new(path, source);
    let as_json = new.globals.format == Format::Json;
    let text = match line {
        Some(line) => {
            let proposal = target.at(line, new.query.map(Into::into)).map_err(Trouble::Propose)?;
            if !as_json {
                print_exact(&proposal.toml())?;
                return Ok(Exit::Good);
            }
            proposal_json(&proposal)
        }
        None if new.query.is_some() => return Err(Trouble::QueryWithoutLine { path: path.clone() }),
        None => {
            let found = target.outline().map_err(Trouble::Propose)?;
            if !as_json {
                return print(&outline(&found)).map(|()| Exit::Good);
            }
            outline_json(path, &found)
        }
    };
    print_exact(&text)?;
    Ok(Exit::Good)
}

/// The file, and the line behind its `:`; a column, as compilers print it, does not count.
fn place(given: &str) -> (&str, Option<usize>) {
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    // A number that is too large is beyond the end of any file.
    let number = |text: &str| is_number(text).then(|| text.parse().unwrap_or(usize::MAX));
    let split = |text| {
        let (file, last) = str::rsplit_once(text, ':')?;
        Some((file, number(last)?))
    };
    match split(given) {
        None => (given, None),
        Some((file, last)) => match split(file) {
            Some((file, line)) => (file, Some(line)),
            None => (file, Some(last)),
        },
    }
}

/// The file as it is named from the current directory, else from the root of the workspace.
fn find(workspace: &Workspace, file: &str, current_dir: &Path) -> Result<workspace::Target, Trouble> {
    let here = match workspace.resolve(file, Some(current_dir)) {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    let error = match workspace.resolve(file, None) {
        Ok(found) => return Ok(found),
        // From outside the workspace every relative path that is not there is outside, too: that would tell nothing.
        Err(error) if matches!(here, TargetError::Outside { .. } | TargetError::Missing { .. }) => error,
        Err(_) => here,
    };
    let missing = matches!(error, TargetError::Missing { .. });
    let name = file.rsplit('/').next().unwrap_or_default();
    let mut same_name = if missing { WorkTree::new(workspace.root()).find_named(name) } else { Vec::new() };
    let ends_so = |path: &String| path.ends_with(&format!("/{file}"));
    if same_name.iter().any(ends_so) {
        same_name.retain(ends_so);
    }
    Err(Trouble::Target { error, same_name })
}

/// One line a place.
fn outline(Outline { rows, more }: &Outline) -> String {
    let last = rows.last().map_or(0, |row| row.line.to_string().len());
    let kinds = rows.iter().map(|row| row.kind.name().len()).max().unwrap_or(0);
    let mut text = String::new();
    for row in rows {
        let _ = writeln!(text, "{:>last$}  {:<kinds$}  {}", row.line, row.kind.name(), row.summary);
    }
    if *more > 0 {
        let _ = writeln!(text, "… and {more} more: name a line");
    }
    text
}

fn outline_json(path: &str, Outline { rows, more }: &Outline) -> String {
    let row = |row: &Row| json!({ "line": row.line, "query": row.kind.name(), "summary": row.summary });
    document(&json!({ "file": path, "places": rows.iter().map(row).collect::<Vec<_>>(), "more": more }))
}

fn proposal_json(proposal: &Proposal) -> String {
    let other = |(kind, summary): &(codex_patcher::patch::QueryKind, String)| json!({ "query": kind.name(), "summary": summary });
    document(&json!({
        "file": proposal.path,
        "line": proposal.line,
        "what": proposal.what,
        "query": proposal.stub.kind.name(),
        "summary": proposal.stub.summary,
        "patch": proposal.stub.toml(&proposal.path),
        "others": proposal.others.iter().map(other).collect::<Vec<_>>(),
    }))
}

fn document(fields: &serde_json::Value) -> String {
    let mut document = json!({ "schema": codex_patcher::outcome::SCHEMA, "command": "new" });
    if let (Some(document), Some(fields)) = (document.as_object_mut(), fields.as_object()) {
        document.extend(fields.clone());
    }
    serde_json::to_string_pretty(&document).expect("plain data") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_and_a_column_may_follow_the_file() {
        assert_eq!(place("a.rs"), ("a.rs", None));
        assert_eq!(place("a.rs:3"), ("a.rs", Some(3)));
        assert_eq!(place("a.rs:3:14"), ("a.rs", Some(3)));
        assert_eq!(place("a:b.rs:3"), ("a:b.rs", Some(3)));
        assert_eq!(place("a.rs:"), ("a.rs:", None));
        assert_eq!(place("a.rs:0"), ("a.rs", Some(0)));
        assert_eq!(place("a.rs:99999999999999999999999"), ("a.rs", Some(usize::MAX)));
    }
}
