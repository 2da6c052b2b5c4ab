//! A patch that needed tolerance, restated: how it may be written so that it is exact again. Pure.
//!
//! What is here is proposed, not trusted: the caller plans each way, and takes the first that does exactly what tolerance did.

use crate::config::rewrite::{Field, FieldChange};
use crate::drift::trail::Definition;
use crate::patch::{Action, LockState, Patch, RustQuery, TextEdit};
use crate::rust::items;
use crate::rust::syntax::Syntax;

/// An item as it is today.
pub(crate) struct RestatedItem {
    search: String,
    /// What the patch makes of it.
    text: String,
    /// Its name when it was locked.
    was: String,
    name: String,
}

/// The item that a patch changes as a whole, where its lock records one and what was followed is a part of it. `before` is
/// the text of the target.
pub(crate) fn item_today(definition: &Definition, lock: &LockState, before: &str) -> Option<RestatedItem> {
    let [memory] = lock.matches() else { return None };
    let at = before.find(&definition.search)?;
    let (old, new) = (definition.search.as_str(), definition.text.as_str());
    let (head, tail) = shared_lines(old, new);
    let changed = at + head..at + old.len() - tail;
    let syntax = Syntax::parse(before);
    let (path, range) = items::enclosing(&syntax, changed.clone());
    let name = path.last()?.name.clone();
    let start = range.start + before[range.clone()].find(items::signature(&syntax, &range))?;
    let (above, below) = (before.get(start..changed.start)?, before.get(changed.end..range.end)?);
    let text = [above, &new[head..new.len() - tail], below].concat();
    let was = memory.item.as_ref().and_then(|item| item.path.name()).unwrap_or_default().to_owned();
    Some(RestatedItem { search: before[start..range.end].to_owned(), text, was, name })
}

/// The bytes of the lines that two texts begin with alike, and of those that they end with alike behind these.
fn shared_lines(old: &str, new: &str) -> (usize, usize) {
    let same = |(a, b): &(&str, &str)| a == b;
    let length = |(line, _): (&str, &str)| line.len();
    let starts = old.split_inclusive('\n').zip(new.split_inclusive('\n'));
    let head: usize = starts.take_while(same).map(length).sum();
    let ends = old[head..].split_inclusive('\n').rev().zip(new[head..].split_inclusive('\n').rev());
    (head, ends.take_while(same).map(length).sum())
}

/// How the patch may be written, the best first.
pub(crate) fn ways(
    patch: &Patch,
    definition: &Definition,
    item: Option<&RestatedItem>,
    moved: Option<FieldChange>,
) -> Vec<Vec<FieldChange>> {
    let set = |field: &str, value: &str| FieldChange {
        id: patch.id.clone(),
        field: Field::key(field),
        value: Some(value.to_owned()),
    };
    let unset = |field: &str| FieldChange { id: patch.id.clone(), field: Field::key(field), value: None };
    let with_file =
        |changes: Vec<FieldChange>| moved.iter().cloned().chain(changes).collect::<Vec<FieldChange>>();
    let (search, text) = (definition.search.as_str(), definition.text.as_str());
    // What moved as it was needs nothing else.
    let mut ways: Vec<Vec<FieldChange>> = moved.iter().map(|_| Vec::new()).collect();
    let replacing = |mut changes: Vec<FieldChange>, text: &str| {
        if text.is_empty() {
            changes.push(set("operation.type", "delete"));
            changes.extend(["operation.text", "operation.insert_comment"].map(unset));
            return changes;
        }
        match patch.action.edit() {
            Some(TextEdit::Replace { .. }) => {}
            Some(TextEdit::Delete { insert_comment: Some(_) }) => {
                changes.extend([unset("operation.insert_comment"), set("operation.type", "replace")]);
            }
            _ => changes.push(set("operation.type", "replace")),
        }
        changes.push(set("operation.text", text));
        changes
    };
    if let Action::Text { edit, .. } = &patch.action {
        let search_now = set("query.search", search);
        match edit {
            TextEdit::Delete { insert_comment } if insert_comment.as_deref().unwrap_or_default() == text => {
                ways.push(vec![search_now.clone()]);
            }
            TextEdit::InsertAfter { .. } => ways.extend(
                text.strip_prefix(search).map(|new| vec![search_now.clone(), set("operation.text", new)]),
            ),
            TextEdit::InsertBefore { .. } => ways.extend(
                text.strip_suffix(search).map(|new| vec![search_now.clone(), set("operation.text", new)]),
            ),
            _ => {}
        }
        // With fewer lines around what changes, a patch does not stand on lines that another one takes away.
        let (head, tail) = shared_lines(search, text);
        let mut cuts = vec![(0, 0), (head, 0), (head, tail), (0, tail)];
        cuts.dedup();
        for (head, tail) in cuts {
            let (search, text) = (&search[head..search.len() - tail], &text[head..text.len() - tail]);
            if !search.is_empty() {
                ways.push(replacing(vec![set("query.search", search)], text));
            }
        }
        return ways.into_iter().map(with_file).collect();
    }
    // The query as it is, or with the name or the signature of today, and the text that was merged.
    let structural = matches!(patch.action, Action::Rust { query: RustQuery::AstGrep(_), .. });
    let wholes =
        item.map(|item| (item.search.as_str(), item.text.as_str())).into_iter().chain([(search, text)]);
    for (search, text) in wholes {
        let literal = text.contains('$').then(|| set("operation.captures", "off"));
        let signature = signature_of(search).filter(|_| structural);
        let named = item.and_then(|item| renamed(&patch.action, item));
        let patterns = std::iter::once(None).chain(named.map(Some)).chain(signature.map(Some));
        for pattern in patterns {
            let pattern = pattern.map(|pattern| set("query.pattern", &pattern));
            for (text, keep) in [(flush(text), false), (text.to_owned(), true)] {
                let mut changes: Vec<FieldChange> = pattern.iter().cloned().collect();
                changes.push(set("operation.text", &text));
                changes.extend(literal.clone().filter(|_| structural));
                changes.extend(keep.then(|| set("operation.indent", "keep")));
                if matches!(patch.action.edit(), Some(TextEdit::Replace { .. })) {
                    ways.push(changes);
                }
            }
        }
    }
    // What no query of its kind finds any more, a text finds.
    let mut as_text = vec![set("query.type", "text"), set("query.search", search)];
    as_text.extend(["query.pattern", "query.context", "query.selector"].map(unset));
    as_text.extend(["operation.captures", "operation.indent", "operation.attributes"].map(unset));
    ways.push(replacing(as_text, text));
    ways.into_iter().map(with_file).collect()
}

/// The shorthand with the name that its item has today.
fn renamed(action: &Action, item: &RestatedItem) -> Option<String> {
    let Action::Rust { query: RustQuery::TreeSitter(query), .. } = action else { return None };
    let source = query.shorthand().map(|_| query.source().trim())?;
    let rest =
        source.strip_suffix(item.was.as_str()).filter(|_| item.was != item.name && !item.was.is_empty())?;
    Some(format!("{rest}{}", item.name))
}

/// A pattern of the item with any body.
fn signature_of(item: &str) -> Option<String> {
    let syntax = Syntax::parse(item);
    let (_, range) = items::all(&syntax).into_iter().next()?;
    let signature = items::signature(&syntax, &range).trim_end();
    item[range].trim_end().ends_with('}').then(|| format!("{signature} {{ $$$BODY }}"))
}

/// A text that begins in the middle of a line, without the indentation that its other lines share.
fn flush(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let least = text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    let cut = |(at, line): (usize, &str)| match at {
        0 => line.to_owned(),
        _ => line.get(least..).unwrap_or(line.trim_start_matches(' ')).to_owned(),
    };
    text.split_inclusive('\n').enumerate().map(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replacement_of_which_nothing_is_left_becomes_a_deletion() {
        let text = "[[patches]]\nid = \"thin\"\nfile = \"src/tower.rs\"\n\n[patches.query]\ntype = \"text\"\nsearch = \"a b\"\n\n\
                    [patches.operation]\ntype = \"replace\"\ntext = \"a\"\n";
        let file = crate::config::schema::parse("set.toml", "set", text).0.unwrap();
        let definition =
            Definition { path: "src/tower.rs".to_owned(), search: "b".to_owned(), text: String::new() };
        let ways = ways(&file.patches[0], &definition, None, None);
        let [way] = ways.as_slice() else { panic!("{} ways", ways.len()) };
        assert!(way.iter().any(|change| change.value.as_deref() == Some("delete")));
    }
}
