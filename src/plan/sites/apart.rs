//! Insertions that stand away from their match: sorted by rustfmt, parted by another patch or by a merge.
//!
//! An insertion is known by its own text in its container. In Rust that is the file, the item, the block or the list that holds
//! the element which it was put beside; in other languages, and where Rust has no such container (steps of a chain, operands),
//! the lines that `section` finds: a list, a block, a section. Declarations that rustfmt sorts (`use`, `mod x;`, `extern crate`)
//! are known one by one, whatever the order in their braces. An attribute or a doc comment of Rust belongs to an item, and its
//! container is all that is said of that item; so does a comment, unless it says something and its container has it once.

use std::ops::Range;
use std::rc::Rc;

use tree_sitter::Node;

use super::section::{lines_of_section, run_of_lines};
use super::{Occurrence, Occurs, Pending, Sites};
use crate::identity::{self, Language};
use crate::plan::draft::{Draft, inside, overlap};
use crate::plan::standing::is_keyword;
use crate::plan::template::runs_of;
use crate::rust::lexer::{self, Token};
use crate::rust::syntax::Syntax;
use crate::text::lines::{blanks, line_start, trimmed};
use crate::text::words::{is_word, words};

/// Shorter words alone say nothing.
const WORD: usize = 4;

/// Takes the matches of an insertion of `inserted` out of those that are pending, in whose container the text stands.
/// `element` is what an insertion beside a match is put beside; where it is empty, the insertion goes to that point.
pub(super) fn take(
    sites: &mut Sites,
    inserted: &str,
    others: &[String],
    draft: &mut Draft,
    element: impl Fn(&Pending) -> Range<usize>,
) {
    // Whose it is cannot be told.
    let is_of_others = || others.iter().any(|other| other.trim() == inserted.trim());
    if sites.pending.is_empty() || is_of_others() {
        return;
    }
    let tokens = if draft.is_rust() { draft.tokens() } else { Rc::default() };
    let is_code = |text: &str, span: &Range<usize>| is_code_alone(text, span.start, &tokens, others);
    if draft.is_rust() {
        let says = Says::of(inserted);
        if says != Says::OfWhatIsBelow {
            take_elements(sites, inserted, says, draft, &element, &is_code);
        }
        if says != Says::Code {
            take_said(sites, inserted, draft, &element);
            sites.present.sort_by_key(|place| place.span.start);
            return;
        }
        take_declarations(sites, inserted, draft, &element, &is_code);
    }
    take_lines(sites, inserted, draft, element, &is_code);
    sites.present.sort_by_key(|place| place.span.start);
}

/// Whether what stands in Rust at `at` is no part of a comment or a literal, and under no attribute but those of `others`: what is
/// compiled otherwise is another text.
fn is_code_alone(text: &str, at: usize, tokens: &[Token], others: &[String]) -> bool {
    let next = tokens.partition_point(|token| token.span.end <= at);
    let is_inside = tokens.get(next).is_some_and(|token| token.span.start < at);
    let above = text[..line_start(text, at)].lines().next_back().unwrap_or_default().trim();
    let is_attribute = above.starts_with("#[") && above.ends_with(']');
    let is_said = !tokens.is_empty() && is_attribute;
    !is_inside && (!is_said || others.iter().any(|other| other.contains(above)))
}

/// Where the text of a pending insertion goes.
fn point_of(site: &Pending, text: &str, element: impl Fn(&Pending) -> Range<usize>) -> usize {
    match site.edits.as_slice() {
        [edit] if edit.span().is_empty() => edit.span().start,
        _ => {
            let end = element(site).end;
            end + usize::from(text[end..].starts_with('\n'))
        }
    }
}

/// Those whose text is among what is said of the item that it would be put to.
fn take_said(
    sites: &mut Sites,
    inserted: &str,
    draft: &mut Draft,
    element: impl Fn(&Pending) -> Range<usize>,
) {
    if sites.pending.is_empty() || !inserted.contains(is_word) {
        return;
    }
    let tokens = draft.tokens();
    let runs: Vec<Range<usize>> = runs_of(inserted, draft.text(), &tokens);
    let said = if runs.is_empty() { Vec::new() } else { said_in(draft.text(), &tokens) };
    take_found(sites, |site, present| {
        let point = point_of(site, draft.text(), &element);
        let around = said.iter().find(|said| said.start <= point && point <= said.end)?;
        runs.iter().find(|run| inside(run, around) && is_free(run, present)).cloned()
    });
}

/// Makes those that are pending present whose text `find` finds.
fn take_found(sites: &mut Sites, find: impl Fn(&Pending, &[Occurrence]) -> Option<Range<usize>>) {
    for site in std::mem::take(&mut sites.pending) {
        match find(&site, &sites.present) {
            Some(span) => sites.present.push(Occurrence { span, how: Occurs::Apart }),
            None => sites.pending.push(site),
        }
    }
}

fn is_free(span: &Range<usize>, present: &[Occurrence]) -> bool {
    !present.iter().any(|place| overlap(&place.span, span))
}

/// Where attributes and comments stand one after the other, each from the code before them to the code behind them.
fn said_in(text: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    let word = |at: usize| tokens.get(at).map_or("", |token| &text[token.span.clone()]);
    let (mut said, mut start, mut at) = (Vec::new(), 0, 0);
    while at < tokens.len() {
        let next = behind_said(tokens, word, at);
        // A comment at the end of a line is said of that line.
        let is_of_line = |at: usize| start > 0 && !text[start..tokens[at].span.start].contains('\n');
        if next > at && !is_of_line(at) {
            let mut end = next;
            while let more = behind_said(tokens, word, end)
                && more > end
            {
                end = more;
            }
            said.push(start..tokens.get(end).map_or(text.len(), |token| token.span.start));
            at = end;
            continue;
        }
        at = next.max(at + 1);
        start = tokens[at - 1].span.end;
    }
    said
}

/// The token behind the comment or the attribute that begins at the token `at`; `at` where none does.
fn behind_said<'t>(tokens: &[Token], word: impl Fn(usize) -> &'t str, at: usize) -> usize {
    if tokens.get(at).is_some_and(|token| token.kind == lexer::TokenKind::Comment) {
        return at + 1;
    }
    let open = at + 1 + usize::from(word(at + 1) == "!");
    if word(at) != "#" || word(open) != "[" {
        return at;
    }
    let mut depth = 0_usize;
    for end in open..tokens.len() {
        match word(end) {
            "[" => depth += 1,
            "]" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return end + 1;
        }
    }
    at
}

/// Those whose text is one or more whole elements of the container.
fn take_elements(
    sites: &mut Sites,
    inserted: &str,
    says: Says,
    draft: &mut Draft,
    element: impl Fn(&Pending) -> Range<usize>,
    is_code: &dyn Fn(&str, &Range<usize>) -> bool,
) {
    let tokens = draft.tokens();
    let mut runs: Vec<Range<usize>> = runs_of(inserted, draft.text(), &tokens);
    runs.retain(|run| says != Says::Code || is_code(draft.text(), run));
    if runs.is_empty() {
        return;
    }
    let syntax = draft.syntax();
    let mut pending = Vec::new();
    for site in std::mem::take(&mut sites.pending) {
        let beside = element(&site);
        let is_there = |run: &&Range<usize>| {
            is_in_container_of(&syntax, run, &beside)
                && !sites.present.iter().any(|place| overlap(&place.span, run))
        };
        let mut there = runs.iter().filter(is_there);
        let first = there.next();
        match first.filter(|_| says == Says::Code || there.next().is_none()) {
            Some(run) => sites.present.push(Occurrence { span: run.clone(), how: Occurs::Apart }),
            None => pending.push(site),
        }
    }
    let is_free = |run: &&Range<usize>| !sites.present.iter().any(|place| overlap(&place.span, run));
    // A word alone may stand anywhere.
    let is_telling = || words(inserted).filter(|word| !is_keyword(word)).count() > 1;
    if says == Says::Code {
        sites.elsewhere = runs.iter().find(is_free).filter(|_| is_telling()).map(|run| run.start);
    }
    sites.pending = pending;
}

/// Those whose text is declarations, each of which the container has.
fn take_declarations(
    sites: &mut Sites,
    inserted: &str,
    draft: &mut Draft,
    element: impl Fn(&Pending) -> Range<usize>,
    is_code: &dyn Fn(&str, &Range<usize>) -> bool,
) {
    if sites.pending.is_empty() || !identity::is_of_the_file(inserted, Language::Rust) {
        return;
    }
    let wanted = declarations(inserted);
    let syntax = draft.syntax();
    let mut pending = Vec::new();
    for site in std::mem::take(&mut sites.pending) {
        let mut there = declarations_beside(&syntax, &element(&site));
        there.retain(|(_, span)| is_free(span, &sites.present) && is_code(draft.text(), span));
        let mut own = wanted.iter().map(|declaration| {
            if let Some(at) = there.iter().position(|(other, _)| other.words == declaration.words) {
                return Some(there.swap_remove(at).1);
            }
            // Merged with others of its path, it is there as well.
            let holder = |import: &String| there.iter().find(|(other, _)| other.imports.contains(import));
            let mut holders = declaration.imports.iter().map(holder);
            let first = holders.next()??;
            holders.all(|holder| holder.is_some()).then(|| first.1.clone())
        });
        let first = own.next().flatten();
        let is_all = own.all(|span| span.is_some());
        match first.filter(|span| is_all && !is_under_other_words(inserted, draft.text(), span)) {
            Some(span) => sites.present.push(Occurrence { span, how: Occurs::Apart }),
            None => pending.push(site),
        }
    }
    sites.pending = pending;
}

/// Whether `inserted` begins with a comment, and `span`, where its first declaration stands, is right under another one.
fn is_under_other_words(inserted: &str, text: &str, span: &Range<usize>) -> bool {
    let is_comment = |line: &&str| line.starts_with("//");
    let above = || {
        let lines = text[..line_start(text, span.start)].lines().rev().map(str::trim);
        lines.take_while(is_comment).collect::<Vec<_>>()
    };
    let wanted: Vec<&str> = inserted.trim_start().lines().map(str::trim).take_while(is_comment).collect();
    let there = if wanted.is_empty() { Vec::new() } else { above() };
    !there.is_empty() && !wanted.iter().all(|line| there.contains(line))
}

/// A declaration that rustfmt sorts.
struct Declaration {
    /// Its tokens without commas, sorted; comments aside.
    words: Vec<String>,
    /// Of an import each path, with what stands before `use`, and the name that it is given.
    imports: Vec<String>,
}

/// The declarations of the container of `element`, and where they are.
fn declarations_beside(syntax: &Syntax, element: &Range<usize>) -> Vec<(Declaration, Range<usize>)> {
    let Some(container) = container(syntax, element) else { return Vec::new() };
    let mut cursor = container.walk();
    let is_one =
        |node: &Node<'_>| matches!(node.kind(), "use_declaration" | "mod_item" | "extern_crate_declaration");
    let children = container.children(&mut cursor).filter(is_one);
    let one = |node: Node<'_>| {
        let text = &syntax.text()[node.byte_range()];
        let own = declarations(text).into_iter().next()?;
        text.ends_with(';').then_some((own, node.byte_range()))
    };
    children.filter_map(one).collect()
}

/// The declarations of a text.
fn declarations(text: &str) -> Vec<Declaration> {
    let tokens = lexer::tokens(text);
    let code = tokens.iter().filter(|token| token.kind != lexer::TokenKind::Comment);
    let words: Vec<&str> = code.map(|token| &text[token.span.clone()]).collect();
    let declaration = |words: &[&str]| {
        let mut sorted: Vec<String> =
            words.iter().filter(|word| **word != ",").map(|word| (*word).to_owned()).collect();
        sorted.sort_unstable();
        Declaration { words: sorted, imports: imports(words) }
    };
    words.split(|word| *word == ";").filter(|words| !words.is_empty()).map(declaration).collect()
}

/// The paths of an import, by its tokens; none of another declaration.
fn imports(words: &[&str]) -> Vec<String> {
    let mut imports = Vec::new();
    if let Some(at) = words.iter().position(|word| *word == "use") {
        let (lead, tree) = (words[..=at].join(" ") + " ", &words[at + 1..]);
        expand(&lead, tree, &mut imports);
    }
    imports
}

fn expand(lead: &str, tree: &[&str], imports: &mut Vec<String>) {
    let Some(open) = tree.iter().position(|word| *word == "{") else {
        let path = tree.join(" ");
        imports.push(match path.as_str() {
            "self" => lead.trim_end_matches([' ', ':']).to_owned(),
            path => format!("{lead}{path}"),
        });
        return;
    };
    let lead = format!("{lead}{} ", tree[..open].join(" "));
    let (mut depth, mut start) = (0_usize, open + 1);
    for (at, word) in tree.iter().enumerate().skip(open + 1) {
        match *word {
            "{" => depth += 1,
            "}" if depth > 0 => depth -= 1,
            "," | "}" if depth == 0 => {
                if at > start {
                    expand(&lead, &tree[start..at], imports);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// Those whose text is whole lines that stand among the lines beside which they would be put.
fn take_lines(
    sites: &mut Sites,
    inserted: &str,
    draft: &Draft,
    element: impl Fn(&Pending) -> Range<usize>,
    is_code: &dyn Fn(&str, &Range<usize>) -> bool,
) {
    let wanted: Vec<&str> = inserted.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if !wanted.iter().any(|line| line.contains(is_word)) {
        return;
    }
    let text = draft.text();
    take_found(sites, |site, present| {
        let found = |lines: &[Range<usize>]| {
            let depth = |line: &Range<usize>| blanks(&text.as_bytes()[line.clone()]);
            let least = lines.iter().map(depth).min();
            let is_it = |run: &&[Range<usize>]| {
                run.iter().map(|line| text[line.clone()].trim()).eq(wanted.iter().copied())
                    && Some(depth(&run[0])) == least
                    && is_code(text, &trimmed(text, &run[0]))
            };
            let run = lines.windows(wanted.len()).find(is_it)?;
            Some(run[0].start..run[run.len() - 1].end).filter(|span| is_free(span, present))
        };
        let wider = || match draft.is_rust() {
            true => Vec::new(),
            false => lines_of_section(draft, point_of(site, text, &element), inserted),
        };
        found(&run_of_lines(text, element(site).end)).or_else(|| found(&wider()))
    });
}

/// What an insertion into Rust says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    /// More than attributes and comments.
    Code,
    /// A comment of several words, which can be known by them.
    Remark,
    /// Only what belongs to what is below it.
    OfWhatIsBelow,
}

impl Says {
    fn of(text: &str) -> Self {
        if is_code(text) {
            return Self::Code;
        }
        let is_doc = |token: &str| ["///", "//!", "/**", "/*!"].iter().any(|start| token.starts_with(start));
        let is_remark =
            |token: &Token| token.kind == lexer::TokenKind::Comment && !is_doc(&text[token.span.clone()]);
        let says_something = words(text).nth(1).is_some() && words(text).any(|word| word.len() >= WORD);
        match says_something && lexer::tokens(text).iter().all(is_remark) {
            true => Self::Remark,
            false => Self::OfWhatIsBelow,
        }
    }
}

/// Whether a text says more than attributes and comments.
fn is_code(text: &str) -> bool {
    let tokens = lexer::tokens(text);
    let mut words = tokens
        .iter()
        .filter(|token| token.kind != lexer::TokenKind::Comment)
        .map(|token| &text[token.span.clone()])
        .peekable();
    while words.next_if_eq(&"#").is_some() {
        let mut depth = 0_usize;
        for word in words.by_ref() {
            match word {
                "[" => depth += 1,
                "]" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    words.peek().is_some()
}

/// Whether `run` is made of whole children of the node that holds `element`.
fn is_in_container_of(syntax: &Syntax, run: &Range<usize>, element: &Range<usize>) -> bool {
    let Some(container) = container(syntax, element) else { return false };
    let mut cursor = container.walk();
    let children: Vec<Node<'_>> = container.children(&mut cursor).collect();
    let end = |child: &Node<'_>| child.start_byte() + syntax.text()[child.byte_range()].trim_end().len();
    children.iter().any(|child| child.start_byte() == run.start)
        && children.iter().any(|child| end(child) == run.end)
}

/// The node of which `element` is a child, or are several; of a point, the node that goes on on both sides of it.
fn container<'t>(syntax: &'t Syntax, element: &Range<usize>) -> Option<Node<'t>> {
    if element.is_empty() {
        let path = syntax.path_to(syntax.node_at(element.start, element.end)?);
        let holds = |node: &&Node<'t>| node.start_byte() < element.start && element.end < node.end_byte();
        return path.iter().rev().find(holds).or(path.first()).copied();
    }
    let element = trimmed(syntax.text(), element);
    let node = syntax.node_at(element.start, element.end)?;
    if node.start_byte() < element.start || element.end < node.end_byte() {
        return Some(node);
    }
    let path = syntax.path_to(node);
    path.into_iter().rev().find(|above| above.byte_range() != node.byte_range())
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{after, before, code, planned, text};
    use crate::patch::TextEdit;

    const LIST: &str = "enum Signal {\n    Bell,\n    Horn,\n    Lamp,\n    Wave,\n}\n";

    fn decided(file: &str, pattern: &str, edit: TextEdit) -> String {
        planned("a.rs", file, vec![code(pattern, edit)]).0
    }

    #[test]
    fn an_insertion_is_known_by_its_text_in_its_container() {
        let body = "fn main() {\n    init();\n    if lit {\n        watch();\n    }\n    hush();\n}\n";
        for (file, pattern, inserted, expected) in [
            (
                "use bay::One;\nuse tide::Two;\nuse wave::Six;\n",
                "use bay::One;",
                "use wave::Six;",
                "in-place 3",
            ),
            ("mod wave;\nmod bay;\nmod tide;\n", "mod tide;", "mod wave;", "in-place 1"),
            (LIST, "Horn", "Wave,", "in-place 5"),
            (body, "init();", "hush();", "in-place 6"),
            // In another block, around it or in it.
            (body, "init();", "watch();", "apply 2"),
            (body, "watch();", "hush();", "apply 4"),
            (
                "mod a {\n    use wave::Six;\n}\nuse bay::One;\nmod b;\n",
                "use bay::One;",
                "use wave::Six;",
                "apply 4",
            ),
            // A part of what stands there is not it.
            (
                "fn main() {\n    init();\n    run();\n    hush();\n}\n",
                "init();",
                "hush();\nhush();",
                "apply 2",
            ),
            ("fn main() {\n    init();\n    run();\n    hush(1);\n}\n", "init();", "hush();", "apply 2"),
        ] {
            let decision = decided(file, pattern, after(inserted));
            assert_eq!(decision, expected, "`{inserted}` after `{pattern}` in\n{file}");
        }
    }

    #[test]
    fn an_attribute_or_a_comment_belongs_to_what_is_below_it() {
        let file = "#[cold]\nfn calm() {}\n\n// Rare.\nfn rest() {}\n\nfn warn() {}\n";
        for inserted in ["#[cold]", "// Rare.", "#[cold]\n// Rare."] {
            assert_eq!(decided(file, "fn warn() {}", before(inserted)), "apply 7", "{inserted}");
        }
        let applied = "#[cold]\nfn warn() {}\n";
        assert_eq!(decided(applied, "fn warn() {}", before("#[cold]")), "in-place 1");
    }

    #[test]
    fn lines_that_are_no_elements_are_known_in_their_run() {
        for (path, file, search, inserted, expected) in [
            ("a.txt", "first\nsecond\nthird\n", "first\n", "third\n", "in-place 3"),
            ("a.txt", "first\nsecond\n\nthird\n", "first\n", "third\n", "apply 1"),
            ("a.txt", "first\nsecond\n---\n", "first\n", "---\n", "apply 1"),
            ("a.yml", "a:\n  - bell\n  - horn\n  - lamp\n", "  - bell\n", "  - lamp\n", "in-place 4"),
            ("a.yml", "a:\n  - bell\nb:\n  - lamp\n", "  - bell\n", "  - lamp\n", "apply 2"),
            ("a.toml", "[a]\nx = 1\ny = 2\nz = 3\n", "x = 1\n", "z = 3\n", "in-place 4"),
            ("a.toml", "[a]\nx = 1\n[b]\nz = 3\n", "x = 1\n", "z = 3\n", "apply 2"),
            (
                "a.rs",
                "fn f() {\n    Horn::new()\n        .low()\n        .long(2)\n        .soft(1)\n        .blow();\n}\n",
                "        .low()\n",
                "        .soft(1)\n",
                "in-place 5",
            ),
            (
                "a.rs",
                "fn main() {\n    init();\n    run();\n    hush();\n}\n",
                "    init();\n",
                "    hush();\n",
                "in-place 4",
            ),
        ] {
            let decision = planned(path, file, vec![text(search, after(inserted))]).0;
            assert_eq!(decision, expected, "`{inserted}` after `{search}` in\n{file}");
        }
    }

    #[test]
    fn an_attribute_or_a_comment_is_known_among_what_is_said_of_its_item() {
        let file = "#![deny(a)]\n#![allow(b)]\n\nuse bay::One; // First.\n#[one]\n/// Two.\n#[three]\nstruct S {\n    \
                    /// A.\n    #[b]\n    a: u8, // Low.\n    #[d]\n    b: u8,\n}\n";
        for (search, inserted, expected) in [
            ("#[one]\n", "#[three]\n", "in-place 7"),
            ("#[one]\n", "/// Two.\n#[three]\n", "in-place 6"),
            ("/// Two.\n", "#[one]\n", "in-place 5"),
            ("#![deny(a)]\n", "#![allow(b)]\n", "in-place 2"),
            ("    /// A.\n", "    #[b]\n", "in-place 10"),
            ("    a: u8, // Low.\n", "    #[d]\n", "in-place 12"),
            // Of another item.
            ("    /// A.\n", "    #[d]\n", "apply 9"),
            ("    a: u8, // Low.\n", "    #[b]\n", "apply 11"),
            ("#[one]\n", "// First.\n", "apply 5"),
            ("#[three]\n", "    /// A.\n", "apply 7"),
        ] {
            let decision = planned("a.rs", file, vec![text(search, after(inserted))]).0;
            assert_eq!(decision, expected, "`{inserted}` after `{search}`");
        }
        let applied = "#[mine]\n#[derive(Clone)]\nstruct S;\n";
        assert_eq!(decided(applied, "struct S;", before("#[mine]")), "in-place 1");
    }

    /// Two patches insert the same: of one that stands apart nobody knows whose it is.
    #[test]
    fn what_two_patches_insert_is_looked_for_beside_the_match_only() {
        let file = "fn main() {\n    init();\n    run();\n    hush();\n    rest();\n}\n";
        let set = || vec![code("init();", after("hush();")), code("run();", after("hush();"))];
        let (decisions, once) = planned("a.rs", file, set());
        assert_eq!(decisions, "apply 2, in-place 5");
        assert_eq!(once.matches("hush();").count(), 2);
        assert_eq!(planned("a.rs", &once, set()).1, once);
    }
}
