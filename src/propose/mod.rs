//! From a place in a file to a patch for it, ready to edit. Pure.
//!
//! ```text
//! rust_place  Rust: the place at a line            rust_stub   the queries that could find it by the tree
//! text_stub   lines that occur once                toml_stub   TOML: section and key
//! stub        a patch not yet edited, as TOML      stub_check  whether it would apply exactly there
//! id          an id for the patch                  refusal     why there is no patch
//! outline     the places of a whole file           code_pattern  code as an ast-grep pattern
//! ```
//!
//! A stub is not trusted because it looks right: it is written, loaded by the loader of patch files and searched for by
//! the planner's own locators, and it is shown only if it finds its place and no other. Not here: reading files, printing.

mod code_pattern;
mod id;
mod outline;
mod refusal;
pub(crate) mod restate;
mod rust_place;
mod rust_stub;
mod stub;
mod stub_check;
mod text_stub;
mod toml_stub;

use std::ops::Range;
use std::rc::Rc;

use crate::patch::QueryKind;
use crate::plan::draft::Draft;
use crate::rust::syntax::Syntax;
use crate::source::Source;
use crate::text::lines::{line_of, trimmed};
use crate::toml_ops::model::Model;
use crate::toml_ops::naming::{self, Named};

pub use outline::{Outline, Row};
pub use refusal::{Nothing, Refusal};
use rust_place::RustPlace;
pub(crate) use stub::Stub;

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
    fn kind(self) -> QueryKind {
        match self {
            Self::Name | Self::Expression => QueryKind::TreeSitter,
            Self::Pattern => QueryKind::AstGrep,
            Self::Keys => QueryKind::Toml,
            Self::Text => QueryKind::Text,
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
    pub stub: Stub,
    /// The other kinds of query that name what stands there and nothing else, each with its query in a few words.
    pub others: Vec<(QueryKind, String)>,
}

/// One file, read and, where it is Rust or TOML, parsed.
pub struct TargetFile {
    scene: Scene,
    draft: Draft,
}

/// What is looked at.
struct Scene {
    path: String,
    text: String,
    tree: TargetSyntax,
}

enum TargetSyntax {
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
    standing: PlaceKind<'t>,
}

enum PlaceKind<'t> {
    Code(RustPlace<'t>),
    Key(Named),
    Text,
}

impl TargetFile {
    /// The target `path`, relative to the workspace, with this content.
    pub fn new(path: &str, source: Source) -> Self {
        let mut draft = Draft::new(path, source);
        let tree = if draft.is_rust() {
            TargetSyntax::Rust(draft.syntax())
        } else if draft.is_toml() {
            match draft.toml() {
                Ok(model) => TargetSyntax::Toml(model),
                Err(error) => TargetSyntax::BadToml { offset: error.offset, message: error.message },
            }
        } else {
            TargetSyntax::None
        };
        Self { scene: Scene { path: path.to_owned(), text: draft.text().to_owned(), tree }, draft }
    }

    /// A patch for what stands at the one-based `line`: of the kind `wanted`, else of the kind that suits it best.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn at(&mut self, line: usize, wanted: Option<QueryKind>) -> Result<Proposal, Refusal> {
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
            Err(Refusal::Nothing { path, what, .. }) if wanted != Some(QueryKind::Text) => {
                return Err(Refusal::Nothing { path, line, what, nearest: scene.nearest(line) });
            }
            Err(Refusal::Nothing { .. }) => scene.bare(line),
            other => other?,
        };
        let mut found: Vec<Stub> = Vec::new();
        for &way in scene.ways(&spot) {
            if found.iter().all(|stub| stub.kind != way.kind()) {
                found.extend(scene.stub(&spot, way, draft));
            }
        }
        let chosen = found.iter().position(|stub| wanted.is_none_or(|kind| stub.kind == kind));
        let path = scene.path.clone();
        let Some(chosen) = chosen else {
            let others = found.iter().map(|stub| stub.kind).collect();
            return Err(Refusal::NotUnique { kind: wanted, path, line, others });
        };
        let stub = found.remove(chosen);
        let others = found.into_iter().map(|other| (other.kind, other.summary)).collect();
        let what = match (&spot.standing, stub.kind) {
            (PlaceKind::Code(place), QueryKind::TreeSitter) => place.whole(),
            _ => scene.what(&spot),
        };
        Ok(Proposal { path, line, what, stub, others })
    }

    /// The named places of the file, in order, each with the query that [`TargetFile::at`] would make for it.
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
            let stub = scene.ways(&spot).iter().find_map(|way| scene.stub(&spot, *way, draft));
            rows.extend(stub.map(|Stub { kind, summary, .. }| {
                let says_it = matches!(kind, QueryKind::TreeSitter | QueryKind::Toml);
                let summary = if says_it { summary } else { format!("{}: {summary}", scene.what(&spot)) };
                Row { line, kind, summary }
            }));
        }
        Ok(Outline { rows, more: lines.len().saturating_sub(outline::MOST_ROWS) })
    }
}

impl Scene {
    /// Whether queries of this kind read this file.
    fn reads(&self, kind: QueryKind) -> Result<(), Refusal> {
        let path = self.path.clone();
        let kinds: &[QueryKind] = match &self.tree {
            TargetSyntax::Rust(_) => &[QueryKind::TreeSitter, QueryKind::AstGrep, QueryKind::Text],
            TargetSyntax::BadToml { offset, message } if kind == QueryKind::Toml => {
                let line = line_of(&self.text, (*offset).min(self.text.len()));
                return Err(Refusal::NotToml { path, line, message: message.trim_end().to_owned() });
            }
            TargetSyntax::Toml(_) | TargetSyntax::BadToml { .. } => &[QueryKind::Toml, QueryKind::Text],
            TargetSyntax::None => &[QueryKind::Text],
        };
        if kinds.contains(&kind) {
            return Ok(());
        }
        Err(Refusal::WrongKind { kind, path, kinds: kinds.to_vec() })
    }

    /// What stands at the line.
    fn spot(&self, line: usize) -> Result<Spot<'_>, Refusal> {
        let path = self.path.clone();
        let Some(span) = text_stub::line_span(&self.text, line) else {
            return Err(Refusal::NoLine { path, line, lines: self.text.lines().count() });
        };
        let nothing = |what| Refusal::Nothing { path: path.clone(), line, what, nearest: None };
        let trimmed = trimmed(&self.text, &span);
        if trimmed.is_empty() {
            return Err(nothing(Nothing::Blank));
        }
        let standing = match &self.tree {
            TargetSyntax::Rust(syntax) => RustPlace::at(syntax, trimmed.start).map(PlaceKind::Code),
            TargetSyntax::Toml(model) => match naming::at(model, &self.text, trimmed.start) {
                Some(named) => Some(PlaceKind::Key(named)),
                None if self.text[trimmed.clone()].starts_with('#') => None,
                None => Some(PlaceKind::Text),
            },
            TargetSyntax::BadToml { .. } | TargetSyntax::None => Some(PlaceKind::Text),
        };
        let standing = standing.ok_or_else(|| nothing(Nothing::Comment))?;
        Ok(Spot { line: trimmed, standing })
    }

    /// The line as text, whatever stands there.
    fn bare(&self, line: usize) -> Spot<'_> {
        let span = text_stub::line_span(&self.text, line).unwrap_or_default();
        Spot { line: trimmed(&self.text, &span), standing: PlaceKind::Text }
    }

    /// The ways to find a spot, the one that suits it best first.
    fn ways(&self, spot: &Spot<'_>) -> &'static [Way] {
        match &spot.standing {
            PlaceKind::Code(place) => place.ways(),
            PlaceKind::Key(_) => &[Way::Keys, Way::Text],
            PlaceKind::Text => &[Way::Text],
        }
    }

    /// A stub that finds the spot this way, and nothing else.
    fn stub(&self, spot: &Spot<'_>, way: Way, draft: &mut Draft) -> Option<Stub> {
        let candidates = match (way, &spot.standing, &self.tree) {
            (Way::Name, PlaceKind::Code(place), _) => rust_stub::by_name(place),
            (Way::Expression, PlaceKind::Code(place), _) => rust_stub::by_expression(place),
            (Way::Pattern, PlaceKind::Code(place), _) => rust_stub::by_pattern(place),
            (Way::Keys, PlaceKind::Key(named), TargetSyntax::Toml(model)) => {
                toml_stub::stubs(named, model, &self.text)
            }
            (Way::Text, PlaceKind::Code(place), _) => {
                text_stub::stubs(&self.text, &spot.line, place.function(&spot.line))
            }
            (Way::Text, ..) => text_stub::stubs(&self.text, &spot.line, None),
            _ => Vec::new(),
        };
        let id = id::of(&self.words(spot, way), &self.path);
        let mut named = candidates.into_iter().map(|stub| Stub { id: id.clone(), ..stub });
        named.find(|stub| stub_check::acts_there_alone(stub, draft))
    }

    /// What stands at the spot, in a few words.
    fn what(&self, spot: &Spot<'_>) -> String {
        match &spot.standing {
            PlaceKind::Code(place) => place.what(),
            PlaceKind::Key(named) => toml_stub::what(named),
            PlaceKind::Text => text_stub::what(&self.text[spot.line.clone()]),
        }
    }

    /// Words for an id.
    fn words(&self, spot: &Spot<'_>, way: Way) -> String {
        match &spot.standing {
            PlaceKind::Code(place) if way.kind() == QueryKind::TreeSitter => place.whole_words(),
            PlaceKind::Code(place) => place.words(),
            PlaceKind::Key(named) => toml_stub::words(named),
            PlaceKind::Text => self.text[spot.line.clone()].to_owned(),
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
