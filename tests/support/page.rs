//! Pages of documentation, split into sections, fenced blocks and code spans.

use std::path::{Path, PathBuf};
use std::process::Output;

/// Where the repository is.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A page, by its path in the repository.
pub fn page(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The paths of all pages that a user reads: the README, then `docs/`.
pub fn pages() -> Vec<String> {
    let docs = std::fs::read_dir(root().join("docs")).unwrap();
    let mut docs: Vec<PathBuf> = docs.map(|entry| entry.unwrap().path()).collect();
    docs.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    docs.sort();
    let docs = docs.iter().map(|path| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
    std::iter::once("README.md".to_owned()).chain(docs).collect()
}

/// The fenced blocks of a language, in order.
pub fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let parts = text.split(&fence).skip(1);
    parts.map(|part| part.split("```").next().unwrap().to_owned()).collect()
}

/// The text with `new` in its fenced blocks of a language.
pub fn with_blocks(text: &str, language: &str, new: &[String]) -> String {
    let fence = format!("```{language}\n");
    let mut parts = text.split(&fence);
    let mut made = parts.next().unwrap().to_owned();
    for (part, new) in parts.zip(new) {
        let rest = part.split_once("```").unwrap().1;
        made += &format!("{fence}{new}```{rest}");
    }
    made
}

/// The text before the first heading, then each heading with its text up to the next one.
pub fn sections(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut fenced = false;
    for line in text.split_inclusive('\n') {
        fenced ^= line.starts_with("```");
        if line.starts_with('#') && !fenced {
            found.push(String::new());
        }
        found.last_mut().unwrap().push_str(line);
    }
    found
}

/// The text of the section with this heading.
#[track_caller]
pub fn section(text: &str, heading: &str) -> String {
    let found = sections(text).into_iter().find(|section| heading_of(section) == heading);
    found.unwrap_or_else(|| panic!("no section {heading}"))
}

/// The words of a section's heading.
pub fn heading_of(section: &str) -> &str {
    section.lines().next().unwrap_or_default().trim_start_matches('#').trim()
}

/// All code of a page: fenced blocks and spans.
pub fn code(text: &str) -> String {
    let mut found = String::new();
    for (n, part) in text.split("```").enumerate() {
        if n % 2 == 1 {
            found += part;
        } else {
            part.split('`').skip(1).step_by(2).for_each(|span| found += &format!("{span}\n"));
        }
    }
    found
}

/// What a command printed on either side, or panics where it is no text.
pub fn said(output: Output) -> String {
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}
