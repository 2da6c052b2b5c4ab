//! The working text of one target during a plan: every patch sees what its predecessors left.
//!
//! A draft is read once and parsed once; after each step its tree is brought up to date from the old one. The statements of TOML
//! are parsed again: a manifest is parsed in less time than a reader needs to understand how not to.
//! It also remembers which patch answers for which span, and how it came to be what it is.

use std::ops::Range;
use std::rc::Rc;

use crate::edit::{Edit, EditError, map_span, unmap_offset};
use crate::outcome::{Site, Work};
use crate::rust::lexer::{self, Token};
use crate::rust::syntax::Syntax;
use crate::source::Source;
use crate::text::lines::{line_end, line_of, line_start};
use crate::toml_ops::model::{Model, TomlError};

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
    /// What it cost.
    pub work: Work,
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
pub struct DraftStep {
    /// Its place in the run.
    pub patch: usize,
    /// Its edits, by position, on the text before the step.
    pub edits: Vec<Edit>,
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
            work: Work::default(),
        }
    }

    /// A draft that begins where this one stands, with what is parsed already.
    pub fn fresh(&self) -> Self {
        let mut fresh = Self::new(self.path.clone(), self.source.clone());
        fresh.parsed = Parsed { first: self.parsed.syntax.clone(), ..self.parsed.clone() };
        fresh
    }

    /// A draft that begins where this one began, with what is parsed already.
    pub fn as_read(&mut self, structural: bool) -> Self {
        let mut read = Self::new(self.path.clone(), self.original.clone());
        let first = if structural { Some(self.original_syntax()) } else { self.parsed.first.clone() };
        read.parsed = Parsed { first: first.clone(), syntax: first, toml: None };
        read
    }

    /// The source after the first `steps` steps. Made anew each time: only failures ask for it.
    pub fn source_after(&self, steps: usize) -> Source {
        let replay =
            |source: Source, step: &DraftStep| source.edited(&step.edits).expect("the step was made once");
        self.steps[..steps].iter().fold(self.original.clone(), replay)
    }

    /// The target, relative to the workspace.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The target is Rust.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The target is TOML.
    pub fn is_toml(&self) -> bool {
        self.path.ends_with(".toml")
    }

    /// The text as it is now.
    pub fn text(&self) -> &str {
        self.source.text()
    }

    /// The source as it is now.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The source as it was read.
    pub fn original(&self) -> &Source {
        &self.original
    }

    /// What was done to it so far.
    pub fn steps(&self) -> &[DraftStep] {
        &self.steps
    }

    /// One-based line, in the target as it was read, of a byte offset in the text as it is now.
    pub fn line_as_read(&self, offset: usize) -> usize {
        let back = |offset, step: &DraftStep| unmap_offset(&step.edits.iter().collect::<Vec<_>>(), offset);
        line_of(self.original.text(), self.steps.iter().rev().fold(offset, back))
    }

    /// A byte offset of the text as it is now, as a place for people to look at.
    pub fn site(&self, offset: usize) -> Site {
        let text = self.text();
        let line = text[line_start(text, offset)..line_end(text, offset)].trim();
        Site {
            file: self.path.clone(),
            line: self.line_as_read(offset),
            text: Some(line.to_owned()).filter(|line| !line.is_empty()),
        }
    }

    /// The tree of the text as it is now.
    pub(crate) fn syntax(&mut self) -> Rc<Syntax> {
        if let Some(syntax) = &self.parsed.syntax {
            return Rc::clone(syntax);
        }
        self.work.parses += 1;
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
        self.work.parses += 1;
        let syntax = Rc::new(Syntax::parse(self.original.text()));
        self.parsed.first = Some(Rc::clone(&syntax));
        syntax
    }

    /// The statements of a TOML text as it is now.
    ///
    /// # Errors
    /// If it is not TOML.
    pub fn toml(&mut self) -> Result<Rc<Model>, TomlError> {
        if let Some(model) = &self.parsed.toml {
            return Ok(Rc::clone(model));
        }
        self.work.parses += 1;
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
    pub fn step(&mut self, patch: usize, mut edits: Vec<Edit>) -> Result<(), EditError> {
        edits.sort_by_key(|edit| (edit.span().start, edit.span().end));
        let after = self.source.edited(&edits)?;
        let sorted = Edit::sorted(self.source.text(), &edits)?;
        self.parsed.syntax = self.parsed.syntax.take().map(|old| {
            let (new, from_scratch) = old.reparse(&sorted, after.text());
            if from_scratch {
                self.work.parses += 1;
            } else {
                self.work.reparses += 1;
            }
            Rc::new(new)
        });
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
    pub fn claim(&mut self, patch: usize, span: Range<usize>, with: &[usize]) {
        let mut patches = vec![patch];
        patches.extend_from_slice(with);
        self.claims.push(Claim { span, patches, made: false });
    }

    /// Where this run's edits stand now.
    pub fn edited(&self) -> Vec<Range<usize>> {
        self.claims.iter().filter(|claim| claim.made).map(|claim| claim.span.clone()).collect()
    }

    /// Another patch answers for all of `span`, and this one had no part in it. What only shares a line with another's
    /// text, or holds it, is a place of its own.
    pub fn is_claimed(&self, patch: usize, span: &Range<usize>) -> bool {
        self.claims.iter().any(|c| inside(span, &c.span) && !c.patches.contains(&patch))
    }

    /// The other patches whose spans touch those of `patch`.
    pub fn neighbours(&self, patch: usize) -> Vec<usize> {
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
pub fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// The first of two half-open ranges lies in the second.
pub fn inside(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
