//! The statements of a TOML text, in the order in which they stand, with the place of every key and value.
//!
//! It is no document tree: a tree merges `[a]`, `[b]`, `[a.sub]` into two tables, and what an edit needs is
//! where the three stand. toml_edit's tree keeps spans, but a table's is its header only, a dotted part has
//! that of its first occurrence, and headers must be pieced together again; the parser beneath it (and
//! beneath `toml`, which judges here whether the text is valid at all) reports them one after another, which
//! is already this list.

use std::collections::BTreeMap;
use std::ops::Range;

use toml_parser::Source;
use toml_parser::parser::{Event, EventKind, parse_document};

use crate::meter;
use crate::text::lines::{line_start, next_line};

/// The statements of one text and the entries of their inline tables, by position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Model {
    nodes: Vec<Node>,
}

/// A header, an entry, or an element of an array that holds inline tables. All offsets are byte offsets,
/// ranges half-open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// From the root of the document, whatever header it stands under.
    pub(crate) path: Vec<Segment>,
    /// The parts written here: all of a header, an entry's own, none of an element.
    pub(crate) keys: Vec<KeyPart>,
    /// The header with its brackets; the entry from its first key to the end of its value; the element.
    pub(crate) span: Range<usize>,
    /// A statement's whole lines with indentation, comment and line end; of a nested node the same as `span`.
    pub(crate) lines: Range<usize>,
    /// The value; empty at the end of a header.
    pub(crate) value: Range<usize>,
    /// What it is.
    pub(crate) kind: NodeKind,
    /// What its value is.
    pub(crate) shape: ValueShape,
    /// How many nodes before this one the node stands that holds it; 0 for a statement.
    pub(crate) parent_offset: usize,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeKind {
    /// `[a.b]`, or with `array` `[[a.b]]`.
    Header {
        /// Two brackets.
        array: bool,
    },
    /// `key = value`, a statement or inside an inline table.
    Entry,
    /// The element of this index of an array.
    Element(usize),
}

/// What a value is, as far as places go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueShape {
    /// No value (a header), or a single one.
    Plain,
    /// An array; its elements are nodes if one of them is an inline table.
    Array,
    /// An inline table; its entries are nodes.
    Inline,
}

/// One written part of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyPart {
    /// Unquoted.
    pub(crate) name: String,
    /// With its quotes.
    pub(crate) span: Range<usize>,
}

/// One segment of a path from the root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Segment {
    /// The key, unquoted.
    pub(crate) name: String,
    /// Zero-based, where it leads into an element of an array.
    pub(crate) index: Option<usize>,
}

/// Why a text is not TOML.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct TomlError {
    /// One sentence.
    pub(crate) message: String,
    /// Byte offset of the mistake.
    pub(crate) offset: usize,
}

impl Model {
    /// The model of `text`, which has LF line ends and no BOM.
    ///
    /// # Errors
    /// [`TomlError`] where the text is not valid TOML.
    pub(crate) fn parse(text: &str) -> Result<Self, TomlError> {
        meter::parsed();
        check(text)?;
        let mut model = Self { nodes: statements(text) };
        model.resolve_paths();
        Ok(model)
    }

    /// All nodes, by position; what an inline value holds follows its entry.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    fn resolve_paths(&mut self) {
        let mut arrays = BTreeMap::new();
        let mut section = Vec::new();
        for i in 0..self.nodes.len() {
            let node = &self.nodes[i];
            let mut path = if node.parent_offset > 0 {
                self.nodes[i - node.parent_offset].path.clone()
            } else {
                section.clone()
            };
            match node.kind {
                NodeKind::Header { array } => {
                    path = header_path(&node.keys, array, &mut arrays);
                    section.clone_from(&path);
                }
                NodeKind::Entry => path.extend(node.keys.iter().map(|key| Segment::named(&key.name))),
                NodeKind::Element(index) => {
                    if let Some(last) = path.last_mut() {
                        last.index = Some(index);
                    }
                }
            }
            self.nodes[i].path = path;
        }
    }
}

impl Node {
    /// A header or an entry on lines of its own.
    pub(crate) fn is_statement(&self) -> bool {
        self.parent_offset == 0
    }

    /// `[a]` or `[[a]]`.
    pub(crate) fn is_header(&self) -> bool {
        matches!(self.kind, NodeKind::Header { .. })
    }

    /// How many segments of the path were given before this node: by its header or the value that holds it.
    pub(crate) fn depth(&self) -> usize {
        self.path.len() - self.keys.len()
    }
}

impl Segment {
    /// A segment that leads into no array.
    pub(crate) fn named(name: &str) -> Self {
        Self { name: name.to_owned(), index: None }
    }
}

/// Whether `text` is valid TOML.
fn check(text: &str) -> Result<(), TomlError> {
    toml::de::DeTable::parse(text).map(drop).map_err(|error| TomlError {
        message: error.message().to_owned(),
        offset: error.span().map_or(0, |span| span.start),
    })
}

/// The nodes of a valid text, without paths.
fn statements(text: &str) -> Vec<Node> {
    let source = Source::new(text);
    let tokens = source.lex().into_vec();
    let mut events: Vec<Event> = Vec::with_capacity(tokens.len());
    let mut keep = |event: Event| {
        use EventKind::{Comment, Newline, Whitespace};
        if !matches!(event.kind(), Comment | Newline | Whitespace | EventKind::KeySep | EventKind::ValueSep) {
            events.push(event);
        }
    };
    parse_document(&tokens, &mut keep, &mut ());
    Builder { source, text, events: events.into_iter(), nodes: Vec::new() }.run()
}

fn header_path(keys: &[KeyPart], array: bool, arrays: &mut BTreeMap<Vec<Segment>, usize>) -> Vec<Segment> {
    let mut path = Vec::with_capacity(keys.len());
    for (i, key) in keys.iter().enumerate() {
        path.push(Segment::named(&key.name));
        if array && i + 1 == keys.len() {
            *arrays.entry(path.clone()).or_insert(0) += 1;
        }
        let elements = arrays.get(&path).copied();
        if let (Some(last), Some(elements)) = (path.last_mut(), elements) {
            last.index = Some(elements - 1);
        }
    }
    path
}

struct Builder<'t> {
    source: Source<'t>,
    text: &'t str,
    events: std::vec::IntoIter<Event>,
    nodes: Vec<Node>,
}

impl Builder<'_> {
    fn run(mut self) -> Vec<Node> {
        while let Some(event) = self.events.next() {
            match event.kind() {
                EventKind::StdTableOpen => self.header(&event, false),
                EventKind::ArrayTableOpen => self.header(&event, true),
                EventKind::SimpleKey => self.entry(&event, None),
                _ => {}
            }
        }
        self.nodes
    }

    fn header(&mut self, open: &Event, array: bool) {
        let start = open.span().start();
        let mut keys = Vec::new();
        let mut end = open.span().end();
        for event in self.events.by_ref() {
            if event.kind() != EventKind::SimpleKey {
                end = event.span().end();
                break;
            }
            keys.push(key(self.source, &event));
        }
        let span = start..end;
        let lines = self.lines(&span);
        self.nodes.push(Node::new(NodeKind::Header { array }, keys, span, lines));
    }

    fn entry(&mut self, first: &Event, holder: Option<usize>) {
        let mut keys = vec![key(self.source, first)];
        for event in self.events.by_ref() {
            if event.kind() != EventKind::SimpleKey {
                break;
            }
            keys.push(key(self.source, &event));
        }
        let start = first.span().start();
        let place = self.push(NodeKind::Entry, keys, start, holder);
        if let Some(open) = self.events.next() {
            self.value(&open, place);
        }
        if holder.is_none() {
            self.nodes[place].lines = self.lines(&self.nodes[place].span);
        }
    }

    fn push(&mut self, kind: NodeKind, keys: Vec<KeyPart>, start: usize, holder: Option<usize>) -> usize {
        let place = self.nodes.len();
        let mut node = Node::new(kind, keys, start..start, start..start);
        node.parent_offset = holder.map_or(0, |holder| place - holder);
        self.nodes.push(node);
        place
    }

    fn value(&mut self, open: &Event, place: usize) {
        let (shape, end) = match open.kind() {
            EventKind::InlineTableOpen => (ValueShape::Inline, self.inline_table(open, place)),
            EventKind::ArrayOpen => (ValueShape::Array, self.array(open, place)),
            _ => (ValueShape::Plain, open.span().end()),
        };
        let node = &mut self.nodes[place];
        node.shape = shape;
        node.span.end = end;
        node.value = open.span().start()..end;
        node.lines = node.span.clone();
    }

    fn inline_table(&mut self, open: &Event, holder: usize) -> usize {
        while let Some(event) = self.events.next() {
            match event.kind() {
                EventKind::SimpleKey => self.entry(&event, Some(holder)),
                _ => return event.span().end(),
            }
        }
        open.span().end()
    }

    /// An element of an element is no node: nothing can address it.
    fn array(&mut self, open: &Event, holder: usize) -> usize {
        let first = self.nodes.len();
        let addressable = !matches!(self.nodes[holder].kind, NodeKind::Element(_));
        let mut tables = false;
        let mut index = 0;
        while let Some(event) = self.events.next() {
            if event.kind() == EventKind::ArrayClose {
                if !tables || !addressable {
                    self.nodes.truncate(first);
                }
                return event.span().end();
            }
            tables |= event.kind() == EventKind::InlineTableOpen;
            let place = self.push(NodeKind::Element(index), Vec::new(), event.span().start(), Some(holder));
            self.value(&event, place);
            index += 1;
        }
        open.span().end()
    }

    fn lines(&self, span: &Range<usize>) -> Range<usize> {
        let (start, end) = (line_start(self.text, span.start), next_line(self.text, span.end));
        start..end
    }
}

impl Node {
    fn new(kind: NodeKind, keys: Vec<KeyPart>, span: Range<usize>, lines: Range<usize>) -> Self {
        let value = span.end..span.end;
        Self { path: Vec::new(), keys, span, lines, value, kind, shape: ValueShape::Plain, parent_offset: 0 }
    }
}

fn key(source: Source<'_>, event: &Event) -> KeyPart {
    let mut name = String::new();
    if let Some(raw) = source.get(event) {
        raw.decode_key(&mut name, &mut ());
    }
    KeyPart { name, span: event.span().start()..event.span().end() }
}
