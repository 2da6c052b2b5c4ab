//! Whether an edited text is still valid: nothing is wrong with it that was not wrong before. Pure.
//!
//! It judges texts, before and after; which patch is to blame is the planner's question. Rust has two judges. tree-sitter
//! has parsed the text already, but it takes too much and knows too little; `judge` reads as rustc does. It
//! is shown what was edited with what stands beside it, and decides where it has an opinion: what it took before, it must
//! take afterwards. Where it never took the text (a fragment for `include!`, syntax that is newer than it), it must get
//! as far as before, and tree-sitter may find no new error.

use std::cell::LazyCell;
use std::ops::Range;
use std::rc::Rc;

use tree_sitter::Node;

use crate::judge::{Flaw, Level, Objection, Verdict, judge};
use crate::rust::kinds::ItemKind;
use crate::rust::lexer::{self, TokenKind};
use crate::rust::syntax::{self, Syntax};
use crate::rust::twins::{Twin, is_as_written, twins};
use crate::text::lines::{column_of, line_of};

/// What is wrong with a text, and was not before the edit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (line {line}, column {column})")]
pub struct Invalid {
    /// Which kind of error it is.
    pub wrong: Wrong,
    /// What is wrong.
    pub message: String,
    /// One-based line.
    pub line: usize,
    /// One-based column, in characters.
    pub column: usize,
}

/// What a text is said to lack where neither judge can point at it.
const NO_TOKENS: &str = "a quote is open, or a character is no Rust";

/// Kinds of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It does not parse.
    Syntax,
    /// It parses, and has a name twice where it may stand once.
    Name,
    /// It parses, and rustc refuses it all the same.
    Rule,
}

impl Invalid {
    fn at(text: &str, offset: usize, message: String) -> Self {
        Self { wrong: Wrong::Syntax, message, line: line_of(text, offset), column: column_of(text, offset) }
    }
}

/// A place that was edited: half-open byte ranges of the text before and of the text after. Between two changes the
/// texts are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// In the text before.
    pub(crate) before: Range<usize>,
    /// In the text after.
    pub(crate) after: Range<usize>,
}

/// Judges `after`, which came by `changes` (by position) from what `before` gives; it is asked only where something is
/// wrong with `after`.
///
/// # Errors
/// [`Invalid`], at the first error that was not there before, as far as that can be told.
pub(crate) fn validate_edit(
    before: impl FnOnce() -> Rc<Syntax>,
    after: &Syntax,
    changes: &[Change],
) -> Result<(), Invalid> {
    let edit = Edited { before: LazyCell::new(before), after, changes };
    let slices = slices(after, changes);
    let verdicts: Vec<Verdict> = slices.iter().map(|slice| slice.judge(after)).collect();
    edit.is_rust(&slices, &verdicts)?;
    edit.has_no_new_twins()?;
    edit.has_no_new_flaws(&slices, verdicts)
}

struct Edited<'e, F> {
    before: LazyCell<Rc<Syntax>, F>,
    after: &'e Syntax,
    changes: &'e [Change],
}

impl<F: FnOnce() -> Rc<Syntax>> Edited<'_, F> {
    fn is_rust(&self, slices: &[Slice], verdicts: &[Verdict]) -> Result<(), Invalid> {
        if !self.after.tree().root_node().has_error()
            && verdicts.iter().all(|verdict| !matches!(verdict, Verdict::Rejected(_)))
        {
            return Ok(());
        }
        let whole = |syntax: &Syntax| judge(syntax.text(), Level::File);
        match (whole(&self.before), whole(self.after)) {
            (_, Verdict::Accepted(_)) => Ok(()),
            (Verdict::Accepted(_), Verdict::Rejected(objection)) => Err(self.invalid(&objection)),
            (Verdict::Rejected(old), Verdict::Rejected(new)) => {
                if new.at < self.in_after(old.at) {
                    return Err(self.invalid(&new));
                }
                slices.iter().try_for_each(|slice| self.compare(slice))
            }
            (Verdict::NoOpinion, _) | (_, Verdict::NoOpinion) => {
                slices.iter().try_for_each(|slice| self.compare(slice))
            }
        }
    }

    /// Where neither text is Rust as a whole: one slice of it, before and after.
    fn compare(&self, slice: &Slice) -> Result<(), Invalid> {
        let old = slice.before(self.changes);
        match (old.judge(&self.before), slice.judge(self.after)) {
            (_, Verdict::Accepted(_)) => Ok(()),
            (Verdict::Accepted(_), Verdict::Rejected(objection)) => Err(self.invalid(&objection)),
            (Verdict::Rejected(old), Verdict::Rejected(new)) if new.at < self.in_after(old.at) => {
                Err(self.invalid(&new))
            }
            _ => match self.new_error(&old.span, &slice.span) {
                Some(error) => Err(self.syntax_error(&error)),
                None => Ok(()),
            },
        }
    }

    /// The first error of tree-sitter in a slice that was not there before: at an edit where none was, or one more.
    fn new_error(&self, before: &Range<usize>, after: &Range<usize>) -> Option<Node<'_>> {
        let inside = |node: &Node<'_>, span: &Range<usize>| meet(&node.byte_range(), span);
        let mut old = syntax::errors(self.before.tree());
        old.retain(|error| inside(error, before));
        let mut new = syntax::errors(self.after.tree());
        new.retain(|error| inside(error, after));
        let is_edited = |error: &&Node<'_>| {
            self.changes.iter().any(|change| {
                meet(&error.byte_range(), &change.after)
                    && !old.iter().any(|error| meet(&error.byte_range(), &change.before))
            })
        };
        let is_old =
            |error: &Node<'_>| old.iter().any(|old| self.in_after(old.start_byte()) == error.start_byte());
        let one_more = || new.iter().find(|error| !is_old(error)).filter(|_| new.len() > old.len());
        new.iter().find(is_edited).or_else(one_more).copied()
    }

    fn has_no_new_twins(&self) -> Result<(), Invalid> {
        let edited: Vec<Range<usize>> = self.changes.iter().map(|change| change.after.clone()).collect();
        let new = twins(self.after, &edited);
        if new.is_empty() {
            return Ok(());
        }
        let all = std::iter::once(0..self.before.text().len()).collect::<Vec<_>>();
        let stood = twins(&self.before, &all);
        let is_known = |twin: &Twin| {
            let moved = |old: &Twin| (self.in_after(old.first), self.in_after(old.second));
            stood.iter().any(|old| old.what == twin.what && moved(old) == (twin.first, twin.second))
        };
        let was_edited = |at: usize| self.changes.iter().any(|change| meet(&change.before, &(at..at)));
        let old = stood.iter().filter(|old| was_edited(old.first) || was_edited(old.second));
        let old: Vec<&str> = old.map(|old| old.what.as_str()).collect();
        let new: Vec<Twin> = new.into_iter().filter(|twin| !is_known(twin)).collect();
        let Some(twin) = one_more(&new, old, |twin| &twin.what) else { return Ok(()) };
        let text = self.after.text();
        let (first, second) = (line_of(text, twin.first), line_of(text, twin.second));
        let lines = if first == second {
            format!("twice on line {first}")
        } else {
            format!("twice, on lines {first} and {second}")
        };
        let is_edited = |at: usize| self.changes.iter().any(|change| meet(&change.after, &(at..at)));
        let at = if is_edited(twin.first) && !is_edited(twin.second) { twin.first } else { twin.second };
        let message = format!("{} is there {lines}", twin.what);
        Err(Invalid { wrong: Wrong::Name, ..Invalid::at(text, at, message) })
    }

    /// What rustc refuses in what was edited, as far as it can be read; what it refused there before is the file's own.
    fn has_no_new_flaws(&self, slices: &[Slice], verdicts: Vec<Verdict>) -> Result<(), Invalid> {
        let is_rejected = verdicts.iter().any(|verdict| matches!(verdict, Verdict::Rejected(_)));
        let new =
            if is_rejected { flaws(vec![judge(self.after.text(), Level::File)]) } else { flaws(verdicts) };
        if new.is_empty() || !slices.iter().all(|slice| slice.is_as_written) {
            return Ok(());
        }
        let before = |slice: &Slice| slice.before(self.changes).judge(&self.before);
        let old = if is_rejected {
            flaws(vec![judge(self.before.text(), Level::File)])
        } else {
            flaws(slices.iter().map(before).collect())
        };
        match one_more(&new, old.iter().map(|flaw| flaw.what.as_str()).collect(), |flaw| &flaw.what) {
            None => Ok(()),
            Some(Flaw { what, at }) => {
                Err(Invalid { wrong: Wrong::Rule, ..Invalid::at(self.after.text(), *at, what.clone()) })
            }
        }
    }

    /// Where an offset of the text before is in the text after; of what was edited, the start.
    fn in_after(&self, offset: usize) -> usize {
        let mut moved = offset;
        for change in self.changes.iter().take_while(|change| change.before.start <= offset) {
            if offset < change.before.end {
                return change.after.start;
            }
            moved = change.after.end + (offset - change.before.end);
        }
        moved
    }

    fn invalid(&self, objection: &Objection) -> Invalid {
        let text = self.after.text();
        match &objection.message {
            Some(message) => Invalid::at(text, objection.at.min(text.len()), message.clone()),
            None => self.unreadable(),
        }
    }

    /// The text does not even consist of tokens: a bracket, or else a quote or a character that is none.
    fn unreadable(&self) -> Invalid {
        let text = self.after.text();
        let is_edited = |at: usize| self.changes.iter().any(|change| meet(&change.after, &(at..at)));
        if let Some((at, message)) = unmatched(text, is_edited) {
            return Invalid::at(text, at, message);
        }
        let errors = syntax::errors(self.after.tree());
        match errors.iter().find(|error| is_edited(error.start_byte())).or(errors.first()) {
            Some(error) => self.syntax_error(error),
            None => {
                let at = self.changes.first().map_or(0, |change| change.after.start);
                Invalid::at(text, at, NO_TOKENS.to_owned())
            }
        }
    }

    fn syntax_error(&self, error: &Node<'_>) -> Invalid {
        invalid(self.after, error)
    }
}

/// A bracket without its partner; where several are open, preferably one that was edited.
fn unmatched(text: &str, is_edited: impl Fn(usize) -> bool) -> Option<(usize, String)> {
    let partner = |open: &str| match open {
        "(" => ")",
        "[" => "]",
        _ => "}",
    };
    let mut open: Vec<(usize, &str)> = Vec::new();
    let tokens = lexer::tokens(text).into_iter().filter(|token| token.kind == TokenKind::Punctuation);
    for token in tokens {
        let (at, bracket) = (token.span.start, &text[token.span.clone()]);
        match bracket {
            "(" | "[" | "{" => open.push((at, bracket)),
            ")" | "]" | "}" => match open.pop() {
                Some((_, opening)) if partner(opening) == bracket => {}
                Some((opening_at, opening)) if !is_edited(at) || is_edited(opening_at) => {
                    return Some((opening_at, format!("`{opening}` is not closed")));
                }
                _ => return Some((at, format!("`{bracket}` closes nothing"))),
            },
            _ => {}
        }
    }
    let last = open.iter().rev().find(|(at, _)| is_edited(*at)).or(open.last());
    last.map(|(at, bracket)| (*at, format!("`{bracket}` is not closed")))
}

/// Two half-open ranges share a byte or touch.
fn meet(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start <= b.end && b.start <= a.end
}

/// The first of `new` of which there are more than of its words in `old`.
fn one_more<'n, T>(new: &'n [T], mut old: Vec<&str>, words: impl Fn(&T) -> &str) -> Option<&'n T> {
    new.iter().find(|one| match old.iter().position(|old| *old == words(one)) {
        Some(known) => {
            old.swap_remove(known);
            false
        }
        None => true,
    })
}

fn flaws(verdicts: Vec<Verdict>) -> Vec<Flaw> {
    let flaws = verdicts.into_iter().filter_map(|verdict| match verdict {
        Verdict::Accepted(flaws) => Some(flaws),
        _ => None,
    });
    flaws.flatten().collect()
}

/// A stretch of whole items, with the kind of list that holds them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Slice {
    level: Level,
    span: Range<usize>,
    /// No attribute macro rewrites an item around it.
    is_as_written: bool,
}

impl Slice {
    fn judge(&self, syntax: &Syntax) -> Verdict {
        match judge(&syntax.text()[self.span.clone()], self.level) {
            Verdict::Rejected(objection) => {
                Verdict::Rejected(Objection { at: objection.at + self.span.start, ..objection })
            }
            Verdict::Accepted(flaws) => {
                let moved = |flaw: Flaw| Flaw { at: flaw.at + self.span.start, ..flaw };
                Verdict::Accepted(flaws.into_iter().map(moved).collect())
            }
            verdict => verdict,
        }
    }

    /// The same stretch of the text before; it holds every change that it touches.
    fn before(&self, changes: &[Change]) -> Self {
        let moved = |at: usize, is_before: &dyn Fn(&Change) -> bool| {
            let (mut removed, mut put_in) = (0, 0);
            for change in changes.iter().filter(|change| is_before(change)) {
                removed += change.before.len();
                put_in += change.after.len();
            }
            at + removed - put_in
        };
        let start = moved(self.span.start, &|change| change.after.start < self.span.start);
        let end = moved(self.span.end, &|change| change.after.end <= self.span.end);
        Self { span: start..end.max(start), ..*self }
    }
}

/// What was edited, each change with the whole items that it touches, in the innermost list of items that holds it.
fn slices(syntax: &Syntax, changes: &[Change]) -> Vec<Slice> {
    let mut slices: Vec<Slice> = changes.iter().map(|change| slice(syntax, &change.after)).collect();
    slices.sort_by_key(|slice| (slice.span.start, std::cmp::Reverse(slice.span.end)));
    let mut merged: Vec<Slice> = Vec::new();
    for slice in slices {
        match merged.last_mut() {
            Some(last) if slice.span.start <= last.span.end => {
                last.span.end = last.span.end.max(slice.span.end);
            }
            _ => merged.push(slice),
        }
    }
    merged
}

fn slice(syntax: &Syntax, edit: &Range<usize>) -> Slice {
    let root = syntax.tree().root_node();
    let (mut list, mut level, mut bounds) = (root, Level::File, 0..syntax.text().len());
    let mut all_as_written = true;
    loop {
        let mut cursor = list.walk();
        let children: Vec<Node<'_>> = list.named_children(&mut cursor).collect();
        let mut touched = children.iter().filter(|child| meet(&child.byte_range(), edit));
        if let (Some(only), None) = (touched.next(), touched.next())
            && let Some((inner, inner_level)) = list_in(only)
            && inner.start_byte() < edit.start
            && edit.end < inner.end_byte()
        {
            all_as_written &= is_as_written(*only, syntax.text());
            (list, level, bounds) = (inner, inner_level, inner.start_byte() + 1..inner.end_byte() - 1);
            continue;
        }
        let (level, span) = whole_items(&children, level, edit, &bounds);
        return Slice { level, span, is_as_written: all_as_written };
    }
}

/// The body of an item that holds items itself.
fn list_in<'t>(item: &Node<'t>) -> Option<(Node<'t>, Level)> {
    let level = match ItemKind::of_node(*item) {
        Some(ItemKind::Mod) => Level::File,
        Some(ItemKind::Impl) if item.child_by_field_name("trait").is_some() => Level::TraitImpl,
        Some(ItemKind::Impl) => Level::Impl,
        Some(ItemKind::Trait) => Level::Trait,
        None if item.kind() == "foreign_mod_item" => Level::Foreign,
        _ => return None,
    };
    let body = item.child_by_field_name("body").filter(|body| body.child_count() >= 2)?;
    let closed =
        body.child(body.child_count() - 1).is_some_and(|last| last.kind() == "}" && !last.is_missing());
    closed.then_some((body, level))
}

/// The children that an edit touches, with the attributes above them and the item below attributes.
fn whole_items(
    children: &[Node<'_>],
    level: Level,
    edit: &Range<usize>,
    bounds: &Range<usize>,
) -> (Level, Range<usize>) {
    let belongs_below =
        |node: &Node<'_>| matches!(node.kind(), "attribute_item" | "line_comment" | "block_comment");
    let mut first =
        children.iter().position(|child| child.end_byte() >= edit.start).unwrap_or(children.len());
    let mut end = children.iter().position(|child| child.start_byte() > edit.end).unwrap_or(children.len());
    while first > 0
        && (belongs_below(&children[first - 1]) || children[first - 1].kind() == "inner_attribute_item")
    {
        first -= 1;
    }
    while end < children.len() && end > first && belongs_below(&children[end - 1]) {
        end += 1;
    }
    let is_first = first == 0;
    let items = &children[first.min(end)..end];
    let start = if is_first {
        bounds.start
    } else {
        items.first().map_or(edit.start, Node::start_byte).min(edit.start)
    };
    let last = items.last().map_or(edit.end, Node::end_byte).max(edit.end);
    let level = if level == Level::File && !is_first { Level::Items } else { level };
    (level, start.max(bounds.start)..last.min(bounds.end))
}

fn invalid(syntax: &Syntax, error: &Node<'_>) -> Invalid {
    let text = syntax.text();
    let at = error.start_byte();
    let message = if error.is_missing() {
        format!("`{}` is missing", error.kind())
    } else {
        let near: String =
            text[error.byte_range()].trim().lines().next().unwrap_or_default().chars().take(40).collect();
        format!("syntax error at `{near}`")
    };
    Invalid::at(text, at, message)
}

/// Judges `text` by itself.
///
/// # Errors
/// [`Invalid`], at its first error.
pub(crate) fn validate(syntax: &Syntax) -> Result<(), Invalid> {
    let error = syntax::errors(syntax.tree()).first().map(|error| invalid(syntax, error));
    match (error, judge(syntax.text(), Level::File)) {
        (_, Verdict::Accepted(flaws)) => match flaws.into_iter().next() {
            Some(Flaw { what, at }) => {
                Err(Invalid { wrong: Wrong::Rule, ..Invalid::at(syntax.text(), at, what) })
            }
            None => Ok(()),
        },
        (None, Verdict::NoOpinion) => Ok(()),
        (Some(error), _) => Err(error),
        (None, Verdict::Rejected(Objection { message, at })) => {
            Err(Invalid::at(syntax.text(), at, message.unwrap_or_else(|| NO_TOKENS.to_owned())))
        }
    }
}

/// The same on texts that nobody has parsed yet, with this thread's parser.
pub mod pooled {
    use std::rc::Rc;

    use super::{Change, Invalid, Syntax};
    use crate::text::ends::common_start;

    /// Judges `text` by itself.
    ///
    /// # Errors
    /// [`Invalid`].
    pub fn validate(text: &str) -> Result<(), Invalid> {
        super::validate(&Syntax::parse(text))
    }

    /// Judges `after`, which came from `before` by one edit.
    ///
    /// # Errors
    /// [`Invalid`].
    pub fn validate_edit(before: &str, after: &str) -> Result<(), Invalid> {
        let front = common_start(before, after).len();
        let same = |(x, y): &(char, char)| x == y;
        let ends = before[front..].chars().rev().zip(after[front..].chars().rev());
        let back: usize = ends.take_while(same).map(|(x, _)| x.len_utf8()).sum();
        let change = Change { before: front..before.len() - back, after: front..after.len() - back };
        super::validate_edit(|| Rc::new(Syntax::parse(before)), &Syntax::parse(after), &[change])
    }
}

#[cfg(test)]
mod tests {
    use super::pooled::{validate, validate_edit};

    /// `text` with what stands between `«` and `»`, and the same with `new` in its place.
    fn judged(text: &str, new: &str) -> Result<(), String> {
        let (front, rest) = text.split_once('«').unwrap();
        let (old, back) = rest.split_once('»').unwrap();
        let (before, after) = (format!("{front}{old}{back}"), format!("{front}{new}{back}"));
        validate_edit(&before, &after).map_err(|error| format!("{}: {}", error.line, error.message))
    }

    #[test]
    fn a_text_is_judged_by_itself() {
        assert!(validate("fn a() { S { b, .. } = s; }").is_ok(), "tree-sitter does not know it");
        assert_eq!(validate("fn a() {\n  let x = ;\n}").unwrap_err().line, 2);
        assert_eq!(validate("fn a() {}\nvec![1] fn b() {}").unwrap_err().line, 2, "tree-sitter takes it");
        assert!(validate("fn a() { \"b }").is_err());
        assert_eq!(
            validate("fn a() { \"éé\"; b == c == d }").unwrap_err().column,
            23,
            "counted in characters"
        );
    }

    #[test]
    fn what_rustc_reads_is_valid_whatever_tree_sitter_says() {
        let cases = [
            (
                "fn keep() {}\n«fn old() {}»\nfn tail() {}",
                "unsafe extern \"C\" { pub safe fn a(x: u8); safe static N: u8; }",
            ),
            ("impl S { fn a() { g::<-1>(); }\n fn b() { «f(1)» } }", "f::<-2>(1)"),
            ("fn f() { S { a, .. } = s; «f(1)» }", "f(2)"),
            ("fn f() { «a();» }", "S { a, .. } = s;"),
            ("fn f() { «let b = 1;» }", "let S { #[cfg(a)] a, b } = s;"),
            ("«fn a() {}»", "trait A = B;"),
            ("fn f() { «a» }", "if let A = b && let C = d { &raw const x } else { &raw mut y }"),
            ("«fn a() {}»", "fn a<'a>(x: &'a u8) -> impl Sized + use<'a> { async move |x| x.await }"),
            ("#!/usr/bin/env run\n#![allow(x)]\n//! Doc.\nuse a«»;", "::b"),
            ("#[cfg(a)]\nfn a() {}\n«#[b]\n/// c\n»fn d() {}", ""),
            ("mod m { #![allow(x)] «use a;» }", "use b;"),
            ("impl A for B { fn a() {} «» }", "type C = u8;"),
            ("trait T { fn a(&self); «» }", "const B: u8; type C: D; fn e() {}"),
            ("«a»", ""),
        ];
        for (text, new) in cases {
            assert_eq!(judged(text, new), Ok(()), "{text} {new}");
        }
    }

    #[test]
    fn what_rustc_does_not_read_is_invalid_whatever_tree_sitter_says() {
        let cases = [
            ("fn a() {}\n«»use std::a;", "vec![1]", "2: expected `;`"),
            ("fn a() {«}»", "}unsafe { x }", "1: expected one of: `trait`, `auto`, `impl`, `extern`, `mod`"),
            ("fn a() {}\n«»\nfn b() {}", "match x {}", "2: expected an item"),
            ("fn a() {}\n«»\nfn b() {}", "let x = 1;", "2: expected an item"),
            ("fn a() {}\n«»", ";", "2: expected an item"),
            ("mod m {\n fn a() {}\n«»}", "1 + x;\n", "3: expected an item"),
            ("impl A {\n«»fn f() {} }", "vec![1] ", "2: expected `;`"),
            ("impl A {\n fn a() {}\n«» }", "let x = 1;", "3: expected an item"),
            ("impl A {\n fn a()« {}» }", ";", "2: this function has no body"),
            ("fn a()« {}»", ";", "1: this function has no body"),
            ("const A: u8« = 1»;", "", "1: this item has no value"),
            ("fn a() {}\n«»fn b() {}", "#![allow(x)]\n", "2: expected square brackets"),
            ("#[a]\n«fn a() {}\n»", "", "1: unexpected end of input, expected an item"),
            ("fn f() { a «+» b == c }", "==", "1: comparison operators cannot be chained"),
            ("fn f() { g(«1») }", "b'é'", "1: a quote is open, or a character is no Rust"),
            ("fn f(«a: u8») {}", "a", "1: expected `:`"),
            ("fn f() { x.«await».b }", "match", "1: expected identifier or integer"),
            ("fn f() {\n «a();»\n}", "a(", "2: `(` is not closed"),
            ("fn f() {\n «a();»\n}", "a(); }", "3: `}` closes nothing"),
            ("fn f() {\n «a()»;\n b(); }", "a() c()", "2: unexpected token, expected `;`"),
        ];
        for (text, new, error) in cases {
            assert_eq!(judged(text, new), Err(error.to_owned()), "{text} {new}");
        }
    }

    #[test]
    fn what_rustc_refuses_on_the_tree_is_invalid() {
        // The text, what goes in, the error.
        let cases = [
            ("fn f() { «let a = x;» }", "let (a, a) = x;", "1: `a` is bound twice in one pattern"),
            ("fn f(«») {}", "(a, b): A, b: u8", "1: `b` is bound twice in one list of parameters"),
            ("fn f() { g(«1»); }", "|a, (a, b)| a", "1: `a` is bound twice in one list of parameters"),
            (
                "fn f() { match x { «_» => 1 } }",
                "A(b) | C",
                "1: `b` is not bound in all alternatives of a pattern",
            ),
            ("fn f() { match x { S { a«» } => 1 } }", ", a: b", "1: field `a` stands twice in one pattern"),
            ("fn f() { let [a, ..«»] = x; }", ", b, ..", "1: `..` stands twice in one pattern"),
            ("trait T {\n «»fn a(&self);\n}", "pub ", "2: an item of a trait has no `pub` of its own"),
            ("impl T for S {\n «»fn a(&self) {}\n}", "pub ", "2: an item of a trait has no `pub` of its own"),
            (
                "#[async_trait]\nimpl T for S {\n «»async fn a() {}\n}",
                "pub ",
                "3: an item of a trait has no `pub` of its own",
            ),
            ("enum E { A, «»B }", "pub ", "1: a variant and its fields have no `pub` of their own"),
            ("enum E { A { «»b: u8 } }", "pub ", "1: a variant and its fields have no `pub` of their own"),
            ("fn f(«») {}", "&self", "1: `self` is a parameter outside of an `impl` or a trait"),
            ("fn f() { fn g(«») {} }", "self", "1: `self` is a parameter outside of an `impl` or a trait"),
            ("struct Q { a: u8«» }", " = 1", "1: a field has a default value, which is not stable"),
            ("fn f() { let x = «1»; }", "1abc", "1: `abc` is no suffix of this literal"),
            ("fn f() { let x = «1»; }", "\"a\"b", "1: `b` is no suffix of this literal"),
            ("fn f() { fn g()«{}» }", ";", "1: this function has no body"),
            ("extern \"C\" { fn f()«;» }", "{}", "1: a function of an `extern` block has a body"),
            ("extern \"C\" { fn f«»(); }", "<T>", "1: a function of an `extern` block cannot be generic"),
            ("impl S { «»fn f() {} }", "default ", "1: `default` is for the implementation of a trait"),
            ("«»impl S {}", "unsafe ", "1: an `impl` without a trait cannot be `unsafe`"),
            ("impl S { «» }", "type A = u8;", "1: an `impl` without a trait has a type of its own"),
            ("trait T { «»fn f(); }", "const ", "1: a function of a trait cannot be `const`"),
            ("fn f<T«»>() {}", ", 'a", "1: the lifetime `'a` stands behind a type in the parameters"),
            ("struct S<T«», U>(T, U);", " = A", "1: the parameter `U` stands behind one with a default"),
            (
                "fn f(x: «u8») {}",
                "I<Item = u8, T>",
                "1: the arguments in `<…>` stand in another order than lifetimes, types, names with `=`",
            ),
            ("const A: «u8» = 1;", "_", "1: `_` stands for a type in a signature"),
            ("struct S { a: «u8» }", "impl A", "1: `impl Trait` is a type outside of a function's signature"),
            ("fn f() { g(«1»); }", "_", "1: `_` stands for a value"),
            ("fn f() { let x = «y»; }", "(let A = b)", "1: `let` is a value outside of a condition"),
            (
                "#[derive(A)]\n«struct S;\n»fn f() {}",
                "",
                "1: `#[derive]` is for a struct, an enum or a union",
            ),
            ("#[derive(A«»)] struct S;", ", A", "1: `A` is derived twice"),
        ];
        for (text, new, error) in cases {
            assert_eq!(judged(text, new), Err(error.to_owned()), "{text} {new}");
        }
    }

    #[test]
    fn what_rustc_takes_or_refused_before_is_no_flaw() {
        let cases = [
            ("fn f() { match x { «_» => 1 } }", "(a, 1) | (1, a)"),
            ("fn f() { match x { «_» => 1 } }", "(None, None) | (A, A)"),
            ("fn f() { let S { #[cfg(a)] x, «y» } = s; }", "#[cfg(b)] x"),
            ("fn f() { |a: u8| |«b»| 1; }", "a"),
            ("struct Q { a: u8 = 1, «b: u8» }", "b: u16"),
            ("fn f(self) { «a()» }", "b()"),
            ("fn f() { «»; }", "(a, _) = b; S { a, .. } = s; _ = c; [0; _]"),
            ("fn f() { «a» }", "if let A = b && let C = d { 1 } else { 1_u8 + 1f32 + 0x1f32 }"),
            ("#[bridge] mod m { extern \"C\" { fn f(«»); } }", "self: &A"),
            ("#[bridge] trait T { «»fn f(); }", "pub "),
            ("m! { fn f(«») {} }", "self"),
            ("impl T for S { fn f(«») {} }", "mut self, (a, b): A"),
            ("extern \"C\" { fn printf(a: *const u8«»); }", ", ..."),
            ("fn f() -> [u8; «1»] {}", "{ let _ = |_| 1; 2 }"),
            ("#[derive(A)]\n#[cfg_attr(x, derive(«B»))] struct S;", "A"),
        ];
        for (text, new) in cases {
            assert_eq!(judged(text, new), Ok(()), "{text} {new}");
        }
    }

    #[test]
    fn what_no_judge_reads_blocks_no_edit_beside_it() {
        let cases = [
            // A fragment for `include!`, a template, syntax of tomorrow, and plain mistakes.
            ("[1, 2, «3»]", "4", true),
            ("{ let x = 1; «x» }", "y", true),
            ("safe fn x();\nfn b() { «1» }", "2", true),
            ("safe fn x();\nfn b() { «1» }", "2 + ", false),
            ("fn {{name}}() { «a()»; }", "b()", true),
            ("fn a() { x ~~ y; «a()»; }", "b()", true),
            ("fn a() { x ~~ y; «a()»; }", "b(", false),
            ("fn a() { «a()»; x ~~ y; }", "b() c()", false),
            ("fn a() { x ~~ y; }\nfn b() { «c()» }", "c() d()", false),
            ("fn a() { x ~~ y; }\nfn b() { «c()» }", "d()", true),
            ("impl A { fn a() { x ~~ y; } fn b() { «c()» } }", "d()", true),
            ("impl A { fn a() { x ~~ y; } fn b() { «c()» } }", "d() e()", false),
            ("fn a() { «x ~~ y»; }", "x + y", true),
            ("fn a( {}\nfn b() { «1» }", "2", true),
        ];
        for (text, new, is_valid) in cases {
            assert_eq!(judged(text, new).is_ok(), is_valid, "{text} {new}: {:?}", judged(text, new));
        }
    }

    #[test]
    fn a_name_is_put_into_a_scope_once() {
        let f = "fn a() {}\nfn b() {}\n";
        assert_eq!(
            judged(&format!("{f}«»"), "fn a() {}"),
            Err("3: fn `a` is there twice, on lines 1 and 3".into())
        );
        assert_eq!(
            judged(&format!("«»{f}"), "fn a() {}\n"),
            Err("2: fn `a` is there twice, on lines 1 and 2".into())
        );
        assert_eq!(judged(&format!("{f}«»"), "#[cfg(x)] fn a() {}"), Ok(()));
        assert_eq!(
            judged("fn a() {}\n«#[cfg(x)] »fn a() {}", ""),
            Err("2: fn `a` is there twice, on lines 1 and 2".into())
        );
        assert_eq!(judged("fn a() {}\nfn a() { «b()» }", "c()"), Ok(()), "the twins are older than the edit");
        assert_eq!(
            judged("fn a() {}\n«fn a() {}»", "fn a() { b() }"),
            Ok(()),
            "the twins are older than the edit"
        );
        assert_eq!(judged("fn a() {}\nfn a() {}\n«»fn b() {}", "fn c() {}\n"), Ok(()), "beside older twins");
        assert_eq!(
            judged("S { a: u8 };\nstruct S { a: u8,«» }", " a: u8"),
            Err("2: field `a` is there twice on line 2".into())
        );
    }

    #[test]
    fn what_is_nested_too_deep_is_left_to_tree_sitter() {
        let deep = |new: &str| format!("fn f() {{ {}{new}{}; }}\n", "(".repeat(20_000), ")".repeat(20_000));
        assert!(validate_edit(&deep("1"), &deep("2")).is_ok());
        assert!(validate_edit(&deep("1"), &deep("2 +")).is_err());
        let deep = format!("fn f() {{ a{}; }}\n", ".b()".repeat(20_000));
        assert!(validate_edit(&format!("{deep}fn g() {{ 1 }}"), &format!("{deep}fn g() {{ 1 2 }}")).is_err());
    }
}
