//! A change at a place, written as patches of every kind.

use crate::points::{Edit, Item, Point, hash};

/// How a change is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Encoding {
    Text,
    Fuzzy,
    AstItem,
    AstStatement,
    TreeSitter,
    Toml,
}

impl Encoding {
    pub(crate) const ALL: [Self; 6] =
        [Self::Text, Self::Fuzzy, Self::AstItem, Self::AstStatement, Self::TreeSitter, Self::Toml];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Fuzzy => "fuzzy",
            Self::AstItem => "ast-grep-item",
            Self::AstStatement => "ast-grep-statement",
            Self::TreeSitter => "tree-sitter-item",
            Self::Toml => "toml-key",
        }
    }

    pub(crate) fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Fuzzy)
    }
}

/// A patch file, and the lines before and after the edited one that it says something of.
pub(crate) struct Written {
    pub(crate) patch: String,
    pub(crate) before: usize,
    pub(crate) after: usize,
}

/// The patch, or why there is none.
pub(crate) fn write(point: &Point, encoding: Encoding, text: &str) -> Result<Written, &'static str> {
    let lines: Vec<&str> = text.lines().collect();
    let at = point.place.line;
    let path = point.place.path.strip_prefix("codex-rs/").unwrap();
    let head = format!("[[patches]]\nid = \"p\"\nfile = {}\n\n[patches.query]\n", quoted(path));
    let done = |from: usize, to: usize| {
        let mut new: Vec<&str> = lines[from..to].to_vec();
        match &point.edit {
            Edit::Replace(line) => new[at - from] = line,
            Edit::InsertAfter(line) => new.insert(at - from + 1, line),
            Edit::Delete => drop(new.remove(at - from)),
        }
        new.join("\n")
    };
    let written = |query: String, operation: String, before, after| {
        let patch = format!("{head}{query}\n\n[patches.operation]\n{operation}\n");
        Ok(Written { patch, before, after })
    };
    let replace = |text: &str, structural: bool| {
        let off = if structural && text.contains('$') { "captures = \"off\"\n" } else { "" };
        format!("type = \"replace\"\n{off}text = {}", quoted(text))
    };
    match encoding {
        _ if point.key.is_some() != (encoding == Encoding::Toml) => Err("not of this kind"),
        Encoding::Text | Encoding::Fuzzy => {
            for wide in 3..=20 {
                let (from, to) = (at.saturating_sub(wide), (at + wide + 1).min(lines.len()));
                let search = lines[from..to].join("\n");
                if text.match_indices(&search).count() == 1 {
                    let fuzzy = if encoding == Encoding::Fuzzy { "fuzzy_threshold = 0.85\n" } else { "" };
                    let query = format!("type = \"text\"\n{fuzzy}search = {}", quoted(&search));
                    return written(query, replace(&done(from, to), false), at - from, to - at - 1);
                }
            }
            Err("twenty lines around are not unique")
        }
        Encoding::AstItem | Encoding::TreeSitter => {
            let Some(Item { first, last, shorthand, pattern }) = &point.item else { return Err("no item") };
            if point.edit == Edit::Delete && first == last {
                return Err("the line is the item");
            }
            let item = done(*first, last + 1);
            let query = match encoding {
                Encoding::AstItem => format!("type = \"ast-grep\"\npattern = {}", quoted(pattern)),
                _ => format!("type = \"tree-sitter\"\npattern = {}", quoted(shorthand)),
            };
            written(query, replace(&item, true), at - first, last - at)
        }
        Encoding::AstStatement => {
            let statement = lines[at].trim();
            if !point.whole || !point.role.contains("statement") && !point.role.contains("let_declaration") {
                return Err("no statement by itself");
            }
            if lines.iter().filter(|line| line.contains(statement)).count() != 1 || statement.contains('$') {
                return Err("the statement is not unique");
            }
            let pattern = match literal(statement) {
                Some(hole) if matches!(point.edit, Edit::Replace(_)) && hash(statement).is_multiple_of(2) => {
                    hole
                }
                _ => statement.to_owned(),
            };
            let operation = match &point.edit {
                Edit::Replace(line) => replace(line.trim(), true),
                Edit::InsertAfter(line) => {
                    format!("type = \"insert-after\"\ntext = {}", quoted(line.trim()))
                }
                Edit::Delete => "type = \"delete\"".to_owned(),
            };
            written(format!("type = \"ast-grep\"\npattern = {}", quoted(&pattern)), operation, 0, 0)
        }
        Encoding::Toml => {
            let [section, key, value] = point.key.as_ref().unwrap();
            let query = format!("type = \"toml\"\nsection = {}\nkey = {}", quoted(section), quoted(key));
            written(query, format!("type = \"replace-value\"\nvalue = {}", quoted(value)), 0, 0)
        }
    }
}

/// The statement with a hole where its only literal is.
fn literal(statement: &str) -> Option<String> {
    let pattern = regex::Regex::new(r#""[^"\\]*"|\b\d[\d_]*\b|\btrue\b|\bfalse\b"#).unwrap();
    let mut found = pattern.find_iter(statement);
    let only = found.next().filter(|_| found.next().is_none())?;
    Some(format!("{}$X{}", &statement[..only.start()], &statement[only.end()..]))
}

/// A TOML string.
fn quoted(text: &str) -> String {
    if text.contains('\n') && !text.contains("'''") && !text.ends_with('\'') {
        return format!("'''\n{text}'''");
    }
    // JSON escapes are TOML escapes, but for DEL, which none of these holds.
    serde_json::to_string(text).unwrap()
}
