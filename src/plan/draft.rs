//! The working text of one target during a plan: every patch sees what its predecessors left.
//!
//! A draft is parsed from scratch once; after each step its tree is brought up to date from the old one. TOML is parsed again
//! after each step: manifests are small, and a parser that takes edits would be more code than it saves time.
//! A draft also knows which patches each span belongs to (its claims), and the edits that it came from (its steps).

use std::ops::Range;
use std::rc::Rc;

use crate::edit::{Edit, EditError, map_span, unmap_offset};
use crate::limits::{self, SITE_TEXT};
use crate::outcome::Site;
use crate::rust::lexer::{self, Token};
use crate::rust::syntax::Syntax;
use crate::source::Source;
use crate::text::lines::{line_end, line_of, line_start, trimmed};
use crate::toml_ops::model::{Model, TomlError};
use crate::validate::Change;

/// One target in the making.
#[derive(Debug, Clone)]
pub struct Draft {
    path: String,
    original: Source,
    source: Source,
    parsed: Parsed,
    tokens: Option<Rc<Vec<Token>>>,
    claims: Vec<Claim>,
    steps: Vec<DraftStep>,
}

#[derive(Clone, Default)]
struct Parsed {
    first: Option<Rc<Syntax>>,
    syntax: Option<Rc<Syntax>>,
    toml: Option<Rc<Model>>,
}

impl std::fmt::Debug for Parsed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Parsed")
    }
}

/// A span and the patches that made it what it is.
#[derive(Debug, Clone)]
struct Claim {
    span: Range<usize>,
    patches: Vec<usize>,
    /// This run put it there.
    made: bool,
}

/// What one patch did to the draft.
#[derive(Debug, Clone)]
pub(crate) struct DraftStep {
    /// Its place in the run.
    pub(crate) patch: usize,
    /// Its edits, by position, on the text before the step.
    pub(crate) edits: Vec<Edit>,
}

impl Draft {
    /// A draft of the target `path`.
    pub fn new(path: impl Into<String>, source: Source) -> Self {
        Self {
            path: path.into(),
            original: source.clone(),
            source,
            parsed: Parsed::default(),
            tokens: None,
            claims: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// A draft that begins where this one stands, with what is parsed already.
    pub(crate) fn fresh(&self) -> Self {
        let mut fresh = Self::new(self.path.clone(), self.source.clone());
        fresh.parsed = Parsed { first: self.parsed.syntax.clone(), ..self.parsed.clone() };
        fresh
    }

    /// A draft that begins where this one began, with what is parsed already.
    pub(crate) fn as_read(&mut self, structural: bool) -> Self {
        let mut read = Self::new(self.path.clone(), self.original.clone());
        let first = if structural { Some(self.original_syntax()) } else { self.parsed.first.clone() };
        read.parsed = Parsed { first: first.clone(), syntax: first, toml: None };
        read
    }

    /// The source after the first `steps` steps. Made anew each time: only failures ask for it.
    pub(crate) fn source_after(&self, steps: usize) -> Source {
        let replay =
            |source: Source, step: &DraftStep| source.edited(&step.edits).expect("the step was made once");
        self.steps[..steps].iter().fold(self.original.clone(), replay)
    }

    /// The target, relative to the workspace.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The target is Rust.
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The target is TOML.
    pub(crate) fn is_toml(&self) -> bool {
        self.path.ends_with(".toml")
    }

    /// The target is Markdown.
    pub(crate) fn is_markdown(&self) -> bool {
        [".md", ".mdx", ".markdown"].iter().any(|end| self.path.ends_with(end))
    }

    /// The target is JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.path.ends_with(".json")
    }

    /// The text as it is now.
    pub fn text(&self) -> &str {
        self.source.text()
    }

    /// The source as it is now.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What was done to it so far.
    pub(crate) fn steps(&self) -> &[DraftStep] {
        &self.steps
    }

    /// One-based line, in the target as it was read, of a byte offset in the text as it is now.
    pub(crate) fn line_as_read(&self, offset: usize) -> usize {
        line_of(self.original.text(), self.offset_as_read(offset))
    }

    fn offset_as_read(&self, offset: usize) -> usize {
        let back = |offset, step: &DraftStep| unmap_offset(&step.edits.iter().collect::<Vec<_>>(), offset);
        self.steps.iter().rev().fold(offset, back)
    }

    /// A byte offset of the text as it is now, as a place for people to look at.
    pub(crate) fn site(&self, offset: usize) -> Site {
        let text = self.text();
        let line = text[line_start(text, offset)..line_end(text, offset)].trim();
        Site {
            file: self.path.clone(),
            line: self.line_as_read(offset),
            text: Some(line.chars().take(SITE_TEXT).collect()).filter(|line: &String| !line.is_empty()),
        }
    }

    /// The tree of the text as it is now.
    pub(crate) fn syntax(&mut self) -> Rc<Syntax> {
        if let Some(syntax) = &self.parsed.syntax {
            return Rc::clone(syntax);
        }
        let syntax = Rc::new(Syntax::parse(self.source.text()));
        self.parsed.syntax = Some(Rc::clone(&syntax));
        if self.steps.is_empty() {
            self.parsed.first = Some(Rc::clone(&syntax));
        }
        syntax
    }

    /// The tree of the text as it was read.
    pub(crate) fn original_syntax(&mut self) -> Rc<Syntax> {
        if let Some(syntax) = &self.parsed.first {
            return Rc::clone(syntax);
        }
        let syntax = Rc::new(Syntax::parse(self.original.text()));
        self.parsed.first = Some(Rc::clone(&syntax));
        syntax
    }

    /// The statements of a TOML text as it is now.
    ///
    /// # Errors
    /// If it is not TOML.
    pub(crate) fn toml(&mut self) -> Result<Rc<Model>, TomlError> {
        if let Some(model) = &self.parsed.toml {
            return Ok(Rc::clone(model));
        }
        let model = Rc::new(Model::parse(self.source.text())?);
        self.parsed.toml = Some(Rc::clone(&model));
        Ok(model)
    }

    /// The tokens of the text as it is now.
    pub(crate) fn tokens(&mut self) -> Rc<Vec<Token>> {
        let text = self.source.text();
        Rc::clone(self.tokens.get_or_insert_with(|| Rc::new(lexer::tokens(text))))
    }

    /// Makes a step. The patch answers for what it put in.
    ///
    /// # Errors
    /// As [`Edit::apply_batch`]; the draft is then as it was.
    pub(crate) fn step(&mut self, patch: usize, mut edits: Vec<Edit>) -> Result<(), EditError> {
        edits.sort_by_key(|edit| (edit.span().start, edit.span().end));
        let after = self.source.edited(&edits)?;
        if after.text().len() as u64 > limits::of_target(&self.path).0
            && after.text().len() > self.text().len()
        {
            return Err(EditError::TooLong);
        }
        let sorted = Edit::sorted(self.source.text(), &edits)?;
        let now = after.text();
        self.parsed.syntax = self.parsed.syntax.take().map(|old| Rc::new(old.reparse(&sorted, now)));
        self.parsed.toml = None;
        self.move_claims(patch, &sorted);
        self.source = after;
        self.tokens = None;
        self.steps.push(DraftStep { patch, edits });
        Ok(())
    }

    fn move_claims(&mut self, patch: usize, sorted: &[&Edit]) {
        for claim in &mut self.claims {
            let touched =
                sorted.iter().any(|e| e.span().start < claim.span.end && claim.span.start < e.span().end);
            claim.span = map_span(sorted, claim.span.clone());
            if touched && !claim.patches.contains(&patch) {
                claim.patches.push(patch);
            }
        }
        let (mut grown, mut shrunk) = (0, 0);
        for edit in sorted {
            let start = edit.span().start + grown - shrunk;
            self.claims.push(Claim {
                span: start..start + edit.text().len(),
                patches: vec![patch],
                made: true,
            });
            grown += edit.text().len();
            shrunk += edit.span().len();
        }
    }

    /// The patch answers for `span`, which is already what it would make it; `with` are the later patches that
    /// had their part in it.
    pub(crate) fn claim(&mut self, patch: usize, span: Range<usize>, with: &[usize]) {
        let mut patches = vec![patch];
        patches.extend_from_slice(with);
        self.claims.push(Claim { span, patches, made: false });
    }

    /// Where this run's edits stand now.
    pub(crate) fn edited(&self) -> Vec<Range<usize>> {
        self.claims.iter().filter(|claim| claim.made).map(|claim| claim.span.clone()).collect()
    }

    /// Where the edits of one patch stand now, or what later patches made of them.
    pub(crate) fn edited_by(&self, patch: usize) -> Vec<Range<usize>> {
        let by = |claim: &&Claim| claim.made && claim.patches.first() == Some(&patch);
        self.claims.iter().filter(by).map(|claim| claim.span.clone()).collect()
    }

    /// Whether a patch of the run found `line` in place, one-based in the target as it was read.
    pub(crate) fn is_in_place(&self, line: usize) -> bool {
        let holds = |claim: &Claim| {
            let span = trimmed(self.text(), &claim.span);
            !claim.made && (self.line_as_read(span.start)..=self.line_as_read(span.end)).contains(&line)
        };
        self.claims.iter().any(holds)
    }

    /// What this run changed, by position; between two changes the text is as it was read.
    pub(crate) fn changes(&self) -> Vec<Change> {
        let mut edited = self.edited();
        edited.sort_unstable_by_key(|span| (span.start, span.end));
        let mut changes: Vec<Change> = Vec::new();
        for after in edited {
            match changes.last_mut() {
                Some(last) if after.start <= last.after.end => last.after.end = last.after.end.max(after.end),
                _ => changes.push(Change { before: 0..0, after }),
            }
        }
        let (mut read, mut now) = (0, 0);
        for change in &mut changes {
            let start = read + (change.after.start - now);
            let end = self.offset_as_read(change.after.end).max(start);
            change.before = start..end;
            (read, now) = (end, change.after.end);
        }
        changes
    }

    /// The draft after its first `steps` steps. Made anew each time: only failures ask for it.
    pub(crate) fn after(&mut self, steps: usize) -> Self {
        let mut then = self.as_read(false);
        for step in &self.steps[..steps] {
            then.step(step.patch, step.edits.clone()).expect("the step was made once");
        }
        then
    }

    /// Another patch answers for all of `span`, and this one had no part in it. What only shares a line with another's
    /// text, or holds it, is a place of its own.
    pub(crate) fn is_claimed(&self, patch: usize, span: &Range<usize>) -> bool {
        self.claims.iter().any(|c| inside(span, &c.span) && !c.patches.contains(&patch))
    }

    /// The other patches whose spans touch those of `patch`.
    pub(crate) fn neighbours(&self, patch: usize) -> Vec<usize> {
        let own: Vec<&Claim> = self.claims.iter().filter(|c| c.patches.contains(&patch)).collect();
        let touches =
            |c: &&Claim| own.iter().any(|o| o.span.start <= c.span.end && c.span.start <= o.span.end);
        let mut found: Vec<usize> =
            self.claims.iter().filter(touches).flat_map(|c| c.patches.clone()).collect();
        found.sort_unstable();
        found.dedup();
        found.retain(|other| *other != patch);
        found
    }
}

/// Two half-open ranges share a byte, or an empty one lies inside the other.
pub(crate) fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// The first of two half-open ranges lies in the second.
pub(crate) fn inside(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

#[cfg(test)]
mod tests {
    use super::super::tests::draft;
    use super::*;

    /// The text with what a step puts between `[` and `]` in it.
    fn step(draft: &mut Draft, patch: usize, edits: &[(Range<usize>, &str)]) {
        let edits = edits.iter().map(|(span, new)| Edit::replace(draft.text(), span.clone(), *new)).collect();
        draft.step(patch, edits).unwrap();
    }

    #[test]
    fn a_claim_is_another_patchs_place_for_all_but_those_that_had_a_part_in_it() {
        let mut draft = draft("a.txt", "one two three");
        step(&mut draft, 1, &[(4..7, "2222")]);
        draft.claim(2, 0..3, &[5]);
        // Patch, place, whether somebody else answers for it.
        let cases = [
            (1, 4..8, false),
            (3, 4..8, true),
            (3, 5..7, true),
            (3, 3..8, false),
            (3, 8..12, false),
            (2, 0..3, false),
            (5, 0..3, false),
            (3, 0..3, true),
        ];
        for (patch, span, claimed) in cases {
            assert_eq!(draft.is_claimed(patch, &span), claimed, "{patch} {span:?}");
        }
    }

    #[test]
    fn claims_move_with_the_text_and_who_touches_one_has_a_part_in_it() {
        let mut draft = draft("a.txt", "one two three");
        step(&mut draft, 1, &[(4..7, "2222")]);
        step(&mut draft, 2, &[(0..3, "first"), (9..14, "3")]);
        assert_eq!(draft.text(), "first 2222 3");
        assert_eq!(draft.edited(), [6..10, 0..5, 11..12]);
        step(&mut draft, 3, &[(8..9, "-")]);
        assert!(!draft.is_claimed(3, &(6..10)) && draft.is_claimed(4, &(6..10)));
        assert_eq!((draft.neighbours(1), draft.neighbours(2)), (vec![3], Vec::new()));
        assert_eq!(draft.line_as_read(11), 1);
        assert_eq!(draft.source_after(1).text(), "one 2222 three");
    }
}
