//! From a place in a file to a patch for it, ready to be edited. Pure.
//!
//! ```text
//! place       Rust: what stands at a line          structural  the queries that could name it, by its tree
//! textual     lines that stand nowhere else        keys        TOML: section and key
//! sketch      a patch not yet edited, as TOML      check       whether it would act exactly there
//! id          a name for it                        refusal     why there is none
//! outline     the places of a whole file           pattern     code as an ast-grep pattern
//! ```
//!
//! Nothing is proposed because it looks right: a sketch is written, loaded by the loader of patch files and looked for by
//! the planner's own locators, and only one that finds its place and no other is shown. Not here: reading files, printing.

mod check;
mod id;
mod keys;
mod outline;
mod pattern;
mod place;
mod refusal;
mod sketch;
mod structural;
mod textual;

use std::ops::Range;
use std::rc::Rc;

use crate::plan::draft::Draft;
use crate::rust::syntax::Syntax;
use crate::source::{Source, line_of};
use crate::toml_ops::model::Model;
use crate::toml_ops::naming::{self, Named};

pub use outline::{Outline, Row};
use place::Place;
pub use refusal::{Nothing, Refusal};
pub use sketch::Sketch;

/// The kinds of query, as a patch file names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An item by its name.
    TreeSitter,
    /// Code by its pattern.
    AstGrep,
    /// TOML by section and key.
    Toml,
    /// Text, verbatim.
    Text,
}

impl Kind {
    /// The kind's name in a patch file.
    pub fn name(self) -> &'static str {
        match self {
            Self::TreeSitter => "tree-sitter",
            Self::AstGrep => "ast-grep",
            Self::Toml => "toml",
            Self::Text => "text",
        }
    }
}

/// The ways to find a place; of some kinds of query there are two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By a shorthand.
    Name,
    /// By an S-expression.
    Expression,
    /// By an ast-grep pattern.
    Pattern,
    /// By section and key.
    Keys,
    /// By text.
    Text,
}

impl Way {
    fn kind(self) -> Kind {
        match self {
            Self::Name | Self::Expression => Kind::TreeSitter,
            Self::Pattern => Kind::AstGrep,
            Self::Keys => Kind::Toml,
            Self::Text => Kind::Text,
        }
    }
}

/// A patch for a place, to be edited, and what else could be had there.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The target, relative to the workspace.
    pub path: String,
    /// One-based.
    pub line: usize,
    /// What stands there, in a few words.
    pub what: String,
    /// The patch.
    pub sketch: Sketch,
    /// The other kinds of query that name what stands there and nothing else, each with its query in a few words.
    pub others: Vec<(Kind, String)>,
}

/// One file, read and, where it is Rust or TOML, parsed.
pub struct Target {
    scene: Scene,
    draft: Draft,
}

/// What is looked at.
struct Scene {
    path: String,
    text: String,
    tree: Tree,
}

enum Tree {
    Rust(Rc<Syntax>),
    Toml(Rc<Model>),
    /// TOML with a mistake.
    BadToml {
        offset: usize,
        message: String,
    },
    None,
}

/// What stands at a line.
struct Spot<'t> {
    /// The line without the white space around it: a half-open byte range.
    line: Range<usize>,
    standing: Standing<'t>,
}

enum Standing<'t> {
    Code(Place<'t>),
    Key(Named),
    Text,
}

impl Target {
    /// The target `path`, relative to the workspace, with this content.
    pub fn new(path: &str, source: Source) -> Self {
        let mut draft = Draft::new(path, source);
        let tree = if draft.is_rust() {
            Tree::Rust(draft.syntax())
        } else if draft.is_toml() {
            match draft.toml() {
                Ok(model) => Tree::Toml(model),
                Err(error) => Tree::BadToml { offset: error.offset, message: error.message },
            }
        } else {
            Tree::None
        };
        Self { scene: Scene { path: path.to_owned(), text: draft.text().to_owned(), tree }, draft }
    }

    /// A patch for what stands at the one-based `line`: of the kind `wanted`, else of the kind that suits it best.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn at(&mut self, line: usize, wanted: Option<Kind>) -> Result<Proposal, Refusal> {
        let Self { scene, draft } = self;
        if let Some(kind) = wanted {
            scene.reads(kind)?;
        }
        let spot = match scene.spot(line) {
            Err(Refusal::Nothing { path, what: Nothing::Blank, .. }) => {
                return Err(Refusal::Nothing {
                    path,
                    line,
                    what: Nothing::Blank,
                    nearest: scene.nearest(line),
                });
            }
            Err(Refusal::Nothing { path, what, .. }) if wanted != Some(Kind::Text) => {
                return Err(Refusal::Nothing { path, line, what, nearest: scene.nearest(line) });
            }
            Err(Refusal::Nothing { .. }) => scene.bare(line),
            other => other?,
        };
        let mut found: Vec<Sketch> = Vec::new();
        for &way in scene.ways(&spot) {
            if found.iter().all(|sketch| sketch.kind != way.kind()) {
                found.extend(scene.sketch(&spot, way, draft));
            }
        }
        let chosen = found.iter().position(|sketch| wanted.is_none_or(|kind| sketch.kind == kind));
        let path = scene.path.clone();
        let Some(chosen) = chosen else {
            let others = found.iter().map(|sketch| sketch.kind).collect();
            return Err(Refusal::NotUnique { kind: wanted, path, line, others });
        };
        let sketch = found.remove(chosen);
        let others = found.into_iter().map(|other| (other.kind, other.summary)).collect();
        let what = match (&spot.standing, sketch.kind) {
            (Standing::Code(place), Kind::TreeSitter) => place.whole(),
            _ => scene.what(&spot),
        };
        Ok(Proposal { path, line, what, sketch, others })
    }

    /// The named places of the file, in order, each with the query that [`Target::at`] would make for it.
    ///
    /// # Errors
    /// [`Refusal::NoPlaces`].
    pub fn outline(&mut self) -> Result<Outline, Refusal> {
        let Self { scene, draft } = self;
        let mut rows = Vec::new();
        let lines = outline::lines(scene);
        if lines.is_empty() {
            return Err(Refusal::NoPlaces { path: scene.path.clone() });
        }
        for &line in lines.iter().take(outline::MOST_ROWS) {
            let Ok(spot) = scene.spot(line) else { continue };
            let sketch = scene.ways(&spot).iter().find_map(|way| scene.sketch(&spot, *way, draft));
            rows.extend(sketch.map(|Sketch { kind, summary, .. }| {
                let says_it = matches!(kind, Kind::TreeSitter | Kind::Toml);
                let summary = if says_it { summary } else { format!("{}: {summary}", scene.what(&spot)) };
                Row { line, kind, summary }
            }));
        }
        Ok(Outline { rows, more: lines.len().saturating_sub(outline::MOST_ROWS) })
    }
}

impl Scene {
    /// Whether queries of this kind read this file.
    fn reads(&self, kind: Kind) -> Result<(), Refusal> {
        let path = self.path.clone();
        let kinds: &[Kind] = match &self.tree {
            Tree::Rust(_) => &[Kind::TreeSitter, Kind::AstGrep, Kind::Text],
            Tree::BadToml { offset, message } if kind == Kind::Toml => {
                let line = line_of(&self.text, (*offset).min(self.text.len()));
                return Err(Refusal::NotToml { path, line, message: message.trim_end().to_owned() });
            }
            Tree::Toml(_) | Tree::BadToml { .. } => &[Kind::Toml, Kind::Text],
            Tree::None => &[Kind::Text],
        };
        if kinds.contains(&kind) {
            return Ok(());
        }
        Err(Refusal::WrongKind { kind, path, kinds: kinds.to_vec() })
    }

    /// What stands at the line.
    fn spot(&self, line: usize) -> Result<Spot<'_>, Refusal> {
        let path = self.path.clone();
        let Some(span) = textual::line_span(&self.text, line) else {
            return Err(Refusal::NoLine { path, line, lines: self.text.lines().count() });
        };
        let nothing = |what| Refusal::Nothing { path: path.clone(), line, what, nearest: None };
        let trimmed = textual::trimmed(&self.text, span);
        if trimmed.is_empty() {
            return Err(nothing(Nothing::Blank));
        }
        let standing = match &self.tree {
            Tree::Rust(syntax) => Place::at(syntax, trimmed.start).map(Standing::Code),
            Tree::Toml(model) => match naming::at(model, &self.text, trimmed.start) {
                Some(named) => Some(Standing::Key(named)),
                None if self.text[trimmed.clone()].starts_with('#') => None,
                None => Some(Standing::Text),
            },
            Tree::BadToml { .. } | Tree::None => Some(Standing::Text),
        };
        let standing = standing.ok_or_else(|| nothing(Nothing::Comment))?;
        Ok(Spot { line: trimmed, standing })
    }

    /// The line as text, whatever stands there.
    fn bare(&self, line: usize) -> Spot<'_> {
        let span = textual::line_span(&self.text, line).unwrap_or_default();
        Spot { line: textual::trimmed(&self.text, span), standing: Standing::Text }
    }

    /// The ways to find a spot, the one that suits it best first.
    fn ways(&self, spot: &Spot<'_>) -> &'static [Way] {
        match &spot.standing {
            Standing::Code(place) => place.ways(),
            Standing::Key(_) => &[Way::Keys, Way::Text],
            Standing::Text => &[Way::Text],
        }
    }

    /// A sketch that finds the spot this way, and nothing else.
    fn sketch(&self, spot: &Spot<'_>, way: Way, draft: &mut Draft) -> Option<Sketch> {
        let candidates = match (way, &spot.standing, &self.tree) {
            (Way::Name, Standing::Code(place), _) => structural::by_name(place),
            (Way::Expression, Standing::Code(place), _) => structural::by_expression(place),
            (Way::Pattern, Standing::Code(place), _) => structural::by_pattern(place),
            (Way::Keys, Standing::Key(named), Tree::Toml(model)) => keys::sketches(named, model, &self.text),
            (Way::Text, Standing::Code(place), _) => {
                textual::sketches(&self.text, &spot.line, place.function(&spot.line))
            }
            (Way::Text, ..) => textual::sketches(&self.text, &spot.line, None),
            _ => Vec::new(),
        };
        let id = id::of(&self.words(spot, way), &self.path);
        let mut named = candidates.into_iter().map(|sketch| Sketch { id: id.clone(), ..sketch });
        named.find(|sketch| check::acts_there_alone(sketch, draft))
    }

    /// What stands at the spot, in a few words.
    fn what(&self, spot: &Spot<'_>) -> String {
        match &spot.standing {
            Standing::Code(place) => place.what(),
            Standing::Key(named) => keys::what(named),
            Standing::Text => textual::what(&self.text[spot.line.clone()]),
        }
    }

    /// Words for an id.
    fn words(&self, spot: &Spot<'_>, way: Way) -> String {
        match &spot.standing {
            Standing::Code(place) if way.kind() == Kind::TreeSitter => place.whole_words(),
            Standing::Code(place) => place.words(),
            Standing::Key(named) => keys::words(named),
            Standing::Text => self.text[spot.line.clone()].to_owned(),
        }
    }

    /// The nearest line with something on it, below before above.
    fn nearest(&self, line: usize) -> Option<(usize, String)> {
        let lines = self.text.lines().count();
        let near = (1..lines).flat_map(|far| [Some(line + far), line.checked_sub(far)]).flatten();
        near.filter(|line| (1..=lines).contains(line))
            .find_map(|line| self.spot(line).ok().map(|spot| (line, self.what(&spot))))
    }
}
