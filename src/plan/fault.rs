//! What is at fault for a result that is not Rust: what the patch puts in, what a capture brought along, or the place.

use crate::edit::Edit;
use crate::judge::is_rust;
use crate::patch::{Action, Patch, RustQuery};
use crate::render::variables;

/// What to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The text that the patch puts in is no Rust by itself.
    Replacement,
    /// It is without what this metavariable captured.
    Capture(String),
    /// It is, but not where it stands.
    Place,
    /// The patch only takes away, and what is left is no Rust.
    Deletion,
    /// A name of it is taken.
    Name,
    /// It is Rust to read, and rustc refuses it.
    Rule,
    /// Not Rust, or nobody can tell.
    Unknown,
}

/// Who is at fault for what `edits` (of `patch`, on the text `before`) made.
pub(super) fn fault(patch: &Patch, edits: &[Edit], before: &str) -> Fault {
    let put_in: Vec<&Edit> = edits.iter().filter(|edit| !edit.text().trim().is_empty()).collect();
    if put_in.is_empty() {
        return Fault::Deletion;
    }
    let Some(edit) = put_in.into_iter().find(|edit| is_rust(edit.text()) == Some(false)) else {
        return Fault::Place;
    };
    let template = patch.action.text().unwrap_or_default();
    let names: Vec<&str> = if captures(patch) { names(template) } else { Vec::new() };
    if names.is_empty() {
        // A piece that was no Rust by itself before (`} else {`) can be replaced by another.
        let old = &before[edit.span()];
        let was_piece = !old.trim().is_empty() && is_rust(old) == Some(false);
        return if was_piece && open(old) == open(edit.text()) { Fault::Unknown } else { Fault::Replacement };
    }
    match STANDS_FOR.iter().find(|what| is_rust(&filled(template, |_| Some(what))) == Some(true)) {
        Some(what) => culprit(template, &names, edit.text(), what),
        None => Fault::Replacement,
    }
}

/// What a metavariable may stand for, so that the text around it can be read.
const STANDS_FOR: &[&str] = &["x", "x;", "", "'x", "x: x", "x => x,", "fn x() {}"];

fn captures(patch: &Patch) -> bool {
    matches!(&patch.action, Action::Rust { query: RustQuery::AstGrep(_), layout, .. } if !layout.literal_dollar)
}

fn names(template: &str) -> Vec<&str> {
    let mut names: Vec<&str> = variables(template).into_iter().map(|variable| variable.name).collect();
    names.dedup();
    names
}

/// `template` with something for each metavariable; one for which there is nothing stays.
fn filled<'f>(template: &str, text: impl Fn(&str) -> Option<&'f str>) -> String {
    let mut result = String::new();
    let mut done = 0;
    for variable in variables(template) {
        result.push_str(&template[done..variable.span.start]);
        result.push_str(text(variable.name).unwrap_or(&template[variable.span.clone()]));
        done = variable.span.end;
    }
    result + &template[done..]
}

/// The first capture with which the text is no Rust any more, all others standing for `what`.
fn culprit(template: &str, names: &[&str], result: &str, what: &str) -> Fault {
    let captured = captured(template, result);
    let spoils = |name: &&str| {
        let own = captured.iter().find(|(other, _)| other == name).map(|(_, text)| text.as_str());
        let with = |of: &str| Some(if of == *name { own.unwrap_or(what) } else { what });
        own.is_some() && is_rust(&filled(template, with)) == Some(false)
    };
    match names.iter().find(|name| spoils(name)).or(names.first().filter(|_| names.len() == 1)) {
        Some(name) => Fault::Capture((*name).to_owned()),
        None => Fault::Unknown,
    }
}

/// What each metavariable became, told by the text around them; white space may be laid out anew.
fn captured(template: &str, result: &str) -> Vec<(String, String)> {
    let loose = |text: &str| text.split_whitespace().map(regex::escape).collect::<Vec<_>>().join(r"\s+");
    let edges = |text: &str| {
        let space = |is: bool| if is { r"\s*" } else { "" };
        let (front, back) = (text.starts_with(char::is_whitespace), text.ends_with(char::is_whitespace));
        format!("{}{}{}", space(front), loose(text), space(back))
    };
    let mut pattern = String::from(r"(?s)^\s*");
    let mut order = Vec::new();
    let mut done = 0;
    for variable in variables(template) {
        pattern += &edges(&template[done..variable.span.start]);
        pattern += "(.*?)";
        order.push(variable.name.to_owned());
        done = variable.span.end;
    }
    pattern += &edges(&template[done..]);
    let found = regex::Regex::new(&(pattern + r"\s*$")).ok();
    let found = found.as_ref().and_then(|regex| regex.captures(result));
    let Some(found) = found else { return Vec::new() };
    order.into_iter().zip(found.iter().skip(1).flatten().map(|group| group.as_str().to_owned())).collect()
}

/// How many brackets of each kind are open at the end.
fn open(text: &str) -> [i64; 3] {
    let count = |c: char| i64::try_from(text.matches(c).count()).unwrap_or(i64::MAX);
    [count('(') - count(')'), count('[') - count(']'), count('{') - count('}')]
}

#[cfg(test)]
mod tests {
    use super::super::tests::*;
    use super::*;
    use crate::patch::TextEdit;

    #[test]
    fn what_is_wrong_with_a_result_is_told_apart() {
        let capture = |name: &str| Fault::Capture(name.to_owned());
        let cases: Vec<(&str, TextEdit, &str, Fault)> = vec![
            ("a()", replace("b("), "b(", Fault::Replacement),
            ("a()", replace("let = 1"), "let = 1", Fault::Replacement),
            ("a()", replace("b();"), "b();", Fault::Place),
            ("a()", delete(), "", Fault::Deletion),
            ("f($A)", replace("g($A) + h($B"), "g(1) + h(2", Fault::Replacement),
            ("f($A)", replace("g($A.x)"), "g(let.x)", capture("A")),
            ("f($A, $B)", replace("S { $A: $B }"), "S { 1 + 1: b }", capture("A")),
            ("f($A, $B)", replace("S { $A: $B }"), "S { a: b => c }", capture("B")),
            ("f($$$A)", replace("fn g() { $$$A }"), "fn g() { 1, 2 }", capture("A")),
        ];
        for (pattern, edit, result, fault) in cases {
            let patch = code(pattern, edit);
            let edits = [Edit::replace("old()", 0..5, result)];
            assert_eq!(self::fault(&patch, &edits, "old()"), fault, "{pattern} {result}");
        }
        let piece = text("} else {", replace("} else if b {"));
        let edits = [Edit::replace("} else {", 0..8, "} else if b {")];
        assert_eq!(fault(&piece, &edits, "} else {"), Fault::Unknown);
        let broken = [Edit::replace("} else {", 0..8, "} else if b {{")];
        assert_eq!(fault(&piece, &broken, "} else {"), Fault::Replacement);
    }
}
