//! The model after an edit, from the model before it: only the lines that the edit touched are parsed.
//!
//! It never guesses: where the new statements could clash with others far away (a table given twice, a key
//! that extends a value), or where an entry would change its header, it returns nothing and the caller parses
//! the whole text. So a model that it does return is the one that parsing would give, and the text is valid.

use std::ops::Range;

use super::model::{Model, Node, NodeKind, Segment, check, statements};
use super::view::{line_end, line_start};
use crate::edit::Edit;

impl Model {
    /// The model of `new_text`, which is `old_text` (whose model this is) after `edits`: sorted and disjoint.
    /// `None` where only parsing the whole text can tell.
    pub fn after_edit(&self, old_text: &str, edits: &[&Edit], new_text: &str) -> Option<Self> {
        let mut nodes: Vec<Node> = Vec::with_capacity(self.nodes().len());
        let mut regions = regions(self, old_text, edits);
        let mut next = 0;
        for region in &mut regions {
            let shift = Shift { from: region.old.start, to: region.new.start };
            next = self.keep(&mut nodes, next, region.old.start, shift);
            region.removed.start = next;
            next += self.nodes()[next..].iter().take_while(|node| node.span.start < region.old.end).count();
            region.removed.end = next;
            let fragment = &new_text[region.new.clone()];
            check(fragment).ok()?;
            region.fresh.start = nodes.len();
            let shift = Shift { from: 0, to: region.new.start };
            nodes.extend(statements(fragment).into_iter().map(|node| shift.node(node)));
            region.fresh.end = nodes.len();
        }
        let shift = Shift { from: old_text.len(), to: new_text.len() };
        self.keep(&mut nodes, next, old_text.len(), shift);
        let model = Self::from_nodes(nodes);
        regions.iter().all(|region| region.is_safe(self, &model)).then_some(model)
    }

    fn keep(&self, nodes: &mut Vec<Node>, next: usize, end: usize, shift: Shift) -> usize {
        let kept = self.nodes()[next..].iter().take_while(|node| node.span.start < end);
        let before = nodes.len();
        nodes.extend(kept.map(|node| shift.node(node.clone())));
        next + nodes.len() - before
    }
}

#[derive(Clone, Copy)]
struct Shift {
    from: usize,
    to: usize,
}

impl Shift {
    fn node(self, mut node: Node) -> Node {
        let keys = node.keys.iter_mut().map(|key| &mut key.span);
        for span in keys.chain([&mut node.span, &mut node.lines, &mut node.value]) {
            *span = span.start + self.to - self.from..span.end + self.to - self.from;
        }
        node
    }
}

/// Whole lines and whole statements around one or several edits.
struct Region {
    old: Range<usize>,
    new: Range<usize>,
    /// Places in the list of the old model.
    removed: Range<usize>,
    /// Places in the list of the new model.
    fresh: Range<usize>,
}

fn regions(model: &Model, old_text: &str, edits: &[&Edit]) -> Vec<Region> {
    let mut regions: Vec<Region> = Vec::new();
    let (mut added, mut removed) = (0, 0);
    for edit in edits {
        let old =
            touched(model, line_start(old_text, edit.span().start)..line_end(old_text, edit.span().end));
        let (added_before, removed_before) = (added, removed);
        added += edit.text().len();
        removed += edit.span().len();
        match regions.last_mut() {
            Some(last) if old.start <= last.old.end => {
                last.old.end = last.old.end.max(old.end);
                last.new.end = last.old.end + added - removed;
            }
            _ => {
                let new = old.start + added_before - removed_before..old.end + added - removed;
                regions.push(Region { old, new, removed: 0..0, fresh: 0..0 });
            }
        }
    }
    regions
}

fn touched(model: &Model, lines: Range<usize>) -> Range<usize> {
    let overlaps =
        |node: &&Node| node.is_statement() && node.lines.start < lines.end && node.lines.end > lines.start;
    let (mut start, mut end) = (lines.start, lines.end);
    for node in model.nodes().iter().filter(overlaps) {
        (start, end) = (start.min(node.lines.start), end.max(node.lines.end));
    }
    start..end
}

impl Region {
    fn is_safe(&self, old: &Model, new: &Model) -> bool {
        let (removed, fresh) = (statements_in(old, &self.removed), statements_in(new, &self.fresh));
        let owner_stays = self.keeps_owner(new, &removed, &fresh);
        let (removed, fresh) = differing(&removed, &fresh);
        let array = |node: &&Node| node.kind == NodeKind::Header { array: true };
        owner_stays
            && !removed.iter().chain(fresh).any(array)
            && fresh.iter().all(|node| removed.iter().any(|old| alike(old, node)) || stands_alone(new, node))
    }

    /// Whether the statement after the region still stands under the header under which it stood.
    fn keeps_owner(&self, new: &Model, removed: &[&Node], fresh: &[&Node]) -> bool {
        let last =
            |nodes: &[&Node]| nodes.iter().rev().find(|node| node.is_header()).map(|node| node.path.clone());
        last(removed) == last(fresh) || new.nodes().get(self.fresh.end).is_none_or(Node::is_header)
    }
}

fn statements_in<'m>(model: &'m Model, places: &Range<usize>) -> Vec<&'m Node> {
    model.nodes()[places.clone()].iter().filter(|node| node.is_statement()).collect()
}

/// Without the statements at the start and at the end that say where they stand as before.
fn differing<'s, 'm>(old: &'s [&'m Node], new: &'s [&'m Node]) -> (&'s [&'m Node], &'s [&'m Node]) {
    let head = old.iter().zip(new).take_while(|(a, b)| alike(a, b)).count();
    let (old, new) = (&old[head..], &new[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| alike(a, b)).count();
    (&old[..old.len() - tail], &new[..new.len() - tail])
}

fn alike(a: &Node, b: &Node) -> bool {
    a.kind == b.kind && a.path == b.path && a.depth() == b.depth()
}

/// Whether no other statement says anything about the table or value that `node` gives.
fn stands_alone(model: &Model, node: &Node) -> bool {
    let header = node.is_header();
    let others = model.nodes().iter().filter(|other| other.is_statement() && !std::ptr::eq(*other, node));
    let (mut clear, plain) = (others, |path: &[Segment]| path.iter().all(|segment| segment.index.is_none()));
    if !header {
        return clear.all(|other| common(other, node) <= node.depth());
    }
    plain(&node.path)
        && clear.all(|other| {
            let common = common(other, node);
            let twice = other.is_header() && other.path.len() == node.path.len() && common == node.path.len();
            let own_key = !other.is_header() && common > other.depth();
            plain(&other.path[..common]) && !twice && !own_key
        })
}

fn common(a: &Node, b: &Node) -> usize {
    a.path.iter().zip(&b.path).take_while(|(a, b)| a.name == b.name).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::toml_ops::properties::{cases, operation, text};
    use crate::toml_ops::tests::{found, query};

    fn after(text: &str, edits: &[Edit]) -> (String, Option<Model>) {
        let sorted = Edit::sorted(text, edits).unwrap();
        let new = Edit::apply_batch(text, edits).unwrap();
        let model = Model::parse(text).unwrap().after_edit(text, &sorted, &new);
        (new, model)
    }

    #[test]
    fn ordinary_edits_need_no_whole_parse() {
        let text = "[a]\nx = 1\ny = { z = 1 }\n\n[b]\nx = 1 # c\n\n[c.d]\n[[e]]\nk = 1\n[[e]]\nk = 2\n";
        let cases: &[&[(&str, &str)]] = &[
            &[("x = 1\ny", "x = [\n2,\n]\ny")],
            &[("y = { z = 1 }\n", "")],
            &[("y = { z = 1 }\n", "y = { z = 1 }\nnew = 2\n")],
            &[("[b]\nx = 1 # c\n\n", "")],
            &[("[c.d]\n", "[n]\nk = 1\n\n[c.d]\n")],
            &[("z = 1", "z = 2, q = 1"), ("x = 1 #", "w = 1 #"), ("k = 2", "k = 3")],
        ];
        for case in cases {
            let edit = |(old, new): &(&str, &str)| {
                let start = text.find(old).unwrap();
                Edit::replace(text, start..start + old.len(), *new)
            };
            let (new, model) = after(text, &case.iter().map(edit).collect::<Vec<_>>());
            assert_eq!(model, Model::parse(&new).ok(), "{new}");
            assert!(model.is_some(), "{new}");
        }
    }

    #[test]
    fn what_could_clash_is_left_to_the_parser() {
        let text = "[a]\nx = 1\n[b]\ny = 1\nz = 1\n[c]\nq.r = 1\n[[d]]\n";
        let cases = [
            ("x", "[c]\nx"),
            ("[b]", "[a]"),
            ("[b]\n", ""),
            ("y", "x = 1\nx"),
            ("[b]", "[c.q]"),
            ("[[d]]\n", ""),
        ];
        for (old, new) in cases {
            let start = text.find(old).unwrap();
            let (new, model) = after(text, &[Edit::replace(text, start..start + old.len(), new)]);
            assert_eq!(model, None, "{new}");
        }
    }

    proptest! {
        #![proptest_config(cases(2_000))]

        #[test]
        fn operations_advance_to_what_parsing_gives(
            text in text(), section in "a|b|a\\.b|c|d", key in "a|b|a\\.c|new", op in operation(),
        ) {
            let sites = found(&query(&section, &key), &op, &text);
            let edits: Vec<Edit> = sites.pending.into_iter().flat_map(|site| site.edits).collect();
            let (new, model) = after(&text, &edits);
            if model.is_some() {
                prop_assert_eq!(model, Model::parse(&new).ok(), "{}", new);
            }
        }

        #[test]
        fn any_splice_advances_to_what_parsing_gives(
            text in text(), at in any::<(prop::sample::Index, prop::sample::Index)>(), other in text(),
            cut in any::<(prop::sample::Index, prop::sample::Index)>(), two in any::<bool>(),
        ) {
            let range = |text: &str, at: (prop::sample::Index, prop::sample::Index)| {
                let boundary = |at: prop::sample::Index| {
                    let offset = at.index(text.len() + 1);
                    (0..=offset).rev().find(|&offset| text.is_char_boundary(offset)).unwrap_or(0)
                };
                let (a, b) = (boundary(at.0), boundary(at.1));
                a.min(b)..a.max(b)
            };
            let span = range(&text, at);
            let piece = &other[range(&other, cut)];
            let halves = [span.start..span.start, span.end..span.end];
            let edits: Vec<Edit> = if two && span.start < span.end {
                halves.into_iter().map(|at| Edit::replace(&text, at, piece)).collect()
            } else {
                vec![Edit::replace(&text, span, piece)]
            };
            let (new, model) = after(&text, &edits);
            if model.is_some() {
                prop_assert_eq!(model, Model::parse(&new).ok(), "{}\n---\n{}", text, new);
            }
        }
    }
}
