//! How sure a text alone makes it that a patch whose effect stands in it was applied.
//!
//! The effect of a small change may have stood there before. It tells that the patch was applied if it says where it stands,
//! or if what the patch takes away is nowhere any more:
//!
//! ```text
//! const LIMIT: usize = 20;            defines what it changes
//! enabled: false  (was: true)         `enabled:`, which stays, stands nowhere else in the file
//! // The thread waits for nothing.    words of the patch's own, and nowhere else
//! ```
//!
//! Anything else is doubtful: then history is asked, outside of this room.

use std::ops::Range;
use std::rc::Rc;

use memchr::memmem;

use super::draft::Draft;
use super::evidence::{changes, is_hole, is_telling};
use super::sites::{Occurrence, Occurs, Pending, is_code, is_in_block, is_item};
use super::task::{Standing, Terms};
use super::template::Template;
use crate::drift::trail::moving_lines;
use crate::identity::{self, Language};
use crate::patch::{Action, Patch, RustQuery};
use crate::rust::items;
use crate::rust::lexer::{self, Token};
pub(crate) use crate::rust::own_words::is_own;
use crate::rust::own_words::{KEYWORDS, OWN};
use crate::text::hunks::{Hunk, unchanged};
use crate::text::lines::{blanks, line_end, line_start, lines_above, lines_below, lines_beside, trimmed};
use crate::text::words::{is_word, words};

/// Shorter words stand everywhere.
const WORD: usize = 3;
/// So many words of a comment are a sentence of somebody.
const SENTENCE: usize = 3;

/// How sure it is that `patch`, whose effect stands at `found` in `draft`, is in place. `is_locked`: a lock says that it stands
/// in the right item, and did not there before.
pub(super) fn standing(patch: &Patch, draft: &mut Draft, found: &[Occurrence], is_locked: bool) -> Standing {
    let standing = alone(patch, draft, found, is_locked);
    let places: Vec<Range<usize>> = found.iter().map(|place| place.span.clone()).collect();
    let effect =
        patch.action.text().filter(|_| standing == Standing::Told && !is_locked && !patch.action.only_adds());
    match effect.is_some_and(|effect| is_in_item(effect, draft, &places)) {
        true => Standing::Within,
        false => standing,
    }
}

/// As [`standing`], whatever item it is in.
fn alone(patch: &Patch, draft: &mut Draft, found: &[Occurrence], is_locked: bool) -> Standing {
    let how = |how: Occurs| found.iter().any(|place| place.how == how);
    let present: Vec<Range<usize>> = found.iter().map(|place| place.span.clone()).collect();
    let present = present.as_slice();
    let query = match &patch.action {
        Action::Text { query, .. } => query.search.as_str(),
        Action::Rust { query: RustQuery::AstGrep(query), .. } => {
            query.text().or_else(|| query.required_literal()).unwrap_or_default()
        }
        Action::Rust { query, .. } => query.required_literal().unwrap_or_default(),
        Action::Toml { .. } => return Standing::Told,
    };
    // What later patches leave of it may be a part of what the patch looks for.
    let is_more = |span: &Range<usize>| !query.contains(draft.text()[span.clone()].trim());
    if found.iter().any(|place| place.how == Occurs::Reworked && is_more(&place.span)) {
        return Standing::Told;
    }
    let Some(effect) = patch.action.text() else { return Standing::Told };
    if is_quoted(effect, draft, present)
        || matches!(patch.action, Action::Text { .. }) && stands_too(query, draft, present)
    {
        return Standing::Doubtful;
    }
    if patch.action.only_adds() {
        if is_locked {
            return Standing::Told;
        }
        let language = Language::of(draft.path());
        let is_once = || !identity::names(effect, language).is_empty() || identity::is_use(effect, language);
        return if !how(Occurs::Apart) || is_once() { Standing::Told } else { Standing::Doubtful };
    }
    let [old, new] = [query, effect].map(|text| Template::new(text, true).words());
    let changed = changes(&old, &new);
    let same = unchanged(&changed, old.len());
    // Where nothing is put in, what stays tells where the place is, and what became of the rest only if it was in between.
    let named = |words: &[&str]| words.iter().any(|word| is_name(word));
    let is_between = |hunk: &Hunk| named(&new[..hunk.new.start]) && named(&new[hunk.new.end..]);
    let is_within = changed.iter().all(is_between);
    let puts_in = changed.iter().any(|hunk| new[hunk.new.clone()].iter().any(|word| word.contains(is_word)));
    let places = Places { text: draft.text(), present };
    if !puts_in && places.have_elsewhere(&moving_lines(query, effect)) {
        return Standing::Doubtful;
    }
    let has_holes = new.iter().any(|word| is_hole(word));
    if is_locked || patch.function_context.is_some() && !has_holes {
        return Standing::Told;
    }
    // Beside what stands for any code, a word of the language says nothing of where that was.
    let says_where = |word: &str| is_name(word) && (!has_holes || is_own(word));
    let is_named = || names_place(effect, draft, present);
    let is_told = (puts_in || is_within) && is_named()
        || is_telling(&new, &old)
        || places.are_all_of_a_sentence(&new)
        || places.are_without(&old, &new)
        || puts_in && same.iter().any(|(at, _)| says_where(old[*at]) && places.hold_all_of(old[*at]));
    if is_told {
        return Standing::Told;
    }
    let mut runs = match (puts_in, is_within) {
        (true, _) => runs(&old, &same),
        (false, true) if !has_holes => vec![new],
        (false, _) => Vec::new(),
    };
    runs.retain(|run| run.iter().any(|word| says_where(word)));
    let tokens = if runs.is_empty() { Rc::default() } else { draft.tokens() };
    let places = Places { text: draft.text(), present };
    match runs.iter().any(|run| places.are_all_of(run, &tokens)) {
        true => Standing::Told,
        false => Standing::Doubtful,
    }
}

/// Whether an effect that is code stands at one of `present` in a comment or a literal of Rust.
fn is_quoted(effect: &str, draft: &mut Draft, present: &[Range<usize>]) -> bool {
    let text = draft.text();
    let may_be = |place: &Range<usize>| {
        let (start, at) = (line_start(text, place.start), trimmed(text, place).start);
        text[start..at].contains(['/', '"']) || is_in_block(&text[..at])
    };
    if !draft.is_rust() || !present.iter().any(may_be) || !is_code(effect) {
        return false;
    }
    let tokens = draft.tokens();
    present.iter().any(|place| {
        let at = trimmed(draft.text(), place).start;
        let next = tokens.partition_point(|token| token.span.end <= at);
        tokens.get(next).is_some_and(|token| token.span.start < at)
    })
}

/// Whether lines that a patch looks for stand in the item of its effect, too, at whatever depth.
fn stands_too(query: &str, draft: &mut Draft, present: &[Range<usize>]) -> bool {
    let text = draft.text();
    let said = |text: &'_ str| -> Vec<String> {
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    };
    let wanted = said(query);
    // One line is found in a deeper one.
    let [first, _, ..] = wanted.as_slice() else { return false };
    let is_there = |at: &usize| {
        let is_outside = present.iter().all(|place| *at < place.start || place.end <= *at);
        let is_line = text[line_start(text, *at)..*at].trim().is_empty();
        let lines = text[*at..].lines().map(str::trim).filter(|line| !line.is_empty());
        is_outside && is_line && lines.take(wanted.len()).eq(wanted.iter().map(String::as_str))
    };
    let found: Vec<usize> = memmem::find_iter(text.as_bytes(), first.as_bytes()).filter(is_there).collect();
    if found.is_empty() || !draft.is_rust() {
        return !found.is_empty();
    }
    let syntax = draft.syntax();
    let item = |span: &Range<usize>| items::enclosing(&syntax, span.clone()).1;
    let own: Vec<Range<usize>> = present.iter().map(item).collect();
    found.iter().any(|at| own.contains(&item(&(*at..at + first.len()))))
}

/// Whether an effect that stands at `present` defines something, and nothing else is defined under that name.
fn names_place(effect: &str, draft: &Draft, present: &[Range<usize>]) -> bool {
    let (text, language) = (draft.text(), Language::of(draft.path()));
    let names = identity::names(effect, language);
    let is_outside =
        |line: &Range<usize>| present.iter().all(|place| line.end <= place.start || place.end <= line.start);
    let is_twin = |own: &identity::Name<'_>, line: Range<usize>| {
        let other = &identity::names(&text[line.clone()], language);
        is_outside(&line) && other.iter().any(|name| (name.what, name.name) == (own.what, own.name))
    };
    let has_twin = |own: &identity::Name<'_>| {
        let mut found = memmem::find_iter(text.as_bytes(), own.name.as_bytes());
        found.any(|at| is_twin(own, line_start(text, at)..line_end(text, at)))
    };
    !names.is_empty() && !names.iter().any(has_twin)
}

/// Whether an effect that defines something, as it is written at the margin, stands in another item: that may be another one.
fn is_in_item(effect: &str, draft: &mut Draft, present: &[Range<usize>]) -> bool {
    let text = draft.text();
    let is_deeper = |place: &Range<usize>| blanks(&text.as_bytes()[line_start(text, place.start)..]) > 0;
    let may_be = draft.is_rust()
        && blanks(effect.as_bytes()) == 0
        && present.iter().any(is_deeper)
        && !identity::names(effect, Language::Rust).is_empty();
    may_be && {
        let syntax = draft.syntax();
        present.iter().any(|place| !items::enclosing(&syntax, place.clone()).0.around().is_empty())
    }
}

/// Whether the item beside which a patch is about to put its text is not as the lock records it: it may be another one of its
/// name.
pub(super) fn has_other_anchor(patch: &Patch, terms: &Terms<'_>, draft: &Draft, pending: &[Pending]) -> bool {
    let ([known], [site]) = (terms.lock.matches(), pending) else { return false };
    patch.action.only_adds() && is_item(known) && known.text != draft.text()[site.span.clone()]
}

/// A text from its first line on that is no comment and no attribute.
pub(crate) fn behind_comments(text: &str) -> &str {
    let is_said_first = |line: &&str| {
        let line = line.trim_start();
        line.is_empty() || line.starts_with("//") || line.starts_with("#[")
    };
    let said: usize = text.split_inclusive('\n').take_while(is_said_first).map(str::len).sum();
    &text[said..]
}

/// The lines of the block that holds `offset`, as their indentation tells: those between two that are indented less; and the two
/// beside `offset`, which may have been put there with any.
pub(crate) fn lines_of_block(text: &str, offset: usize) -> impl Iterator<Item = Range<usize>> {
    let depth = |line: &Range<usize>| blanks(&text.as_bytes()[line.clone()]);
    let beside = lines_beside(text, offset);
    let least = beside.iter().map(depth).max().unwrap_or_default();
    let is_inside = move |line: &Range<usize>| depth(line) >= least || depth(line) == line.len();
    let up = lines_above(text, offset).take_while(is_inside);
    let down = lines_below(text, offset).take_while(is_inside);
    up.chain(down).filter(move |line| depth(line) == least).chain(beside)
}

/// Whether two texts begin with the same words, up to what the first of them calls, binds, describes or takes from:
/// `set_level(`, `let level =`, `level:`, `use levels::`. What a macro or a step of a chain is given says what it is.
pub(crate) fn begins_alike(one: &str, other: &str) -> bool {
    let one = beginning(one);
    one.is_some() && one == beginning(other)
}

/// Whether two texts begin with the same words up to the name that they give: `level:`, `let level =`, `Level::Low =>`.
pub(crate) fn binds_alike(one: &str, other: &str) -> bool {
    let gives_name = |words: Vec<&str>| {
        let [.., name, sign] = words.as_slice() else { return false };
        let is_test = words.iter().any(|word| matches!(*word, "if" | "while" | "&" | "|" | "!"));
        matches!(*sign, ":" | "=") && name.ends_with(|c| is_word(c) || c == '"') && !is_test
    };
    begins_alike(one, other) && beginning(one).is_some_and(gives_name)
}

/// Whether two lines begin alike, and differ in numbers only.
pub(crate) fn is_renumbered(one: &str, other: &str) -> bool {
    let [ones, others] = [one, other].map(|text| {
        let tokens = lexer::tokens(text).into_iter();
        tokens.map(|token| text[token.span].trim_end()).collect::<Vec<&str>>()
    });
    let is_number = |token: &str| token.starts_with(|letter: char| letter.is_ascii_digit());
    let is_like = |(one, other): (&&str, &&str)| one == other || is_number(one) && is_number(other);
    begins_alike(one, other) && ones.len() == others.len() && ones.iter().zip(&others).all(is_like)
}

/// Whether one text is the other with words added, most of whose words both have, and one of them says something.
pub(crate) fn is_reworded(one: &str, other: &str) -> bool {
    let [one, other] = [one, other].map(|text| words(text).collect::<Vec<&str>>());
    let (less, more) = if one.len() < other.len() { (one, other) } else { (other, one) };
    let mut rest = more.iter();
    let says = |word: &&str| word.len() > OWN / 2 && is_name(word);
    // Imports begin alike.
    let head = usize::from(less.first() == Some(&"use"));
    (2..more.len()).contains(&less.len())
        && less.len() * 2 > more.len()
        && less.iter().skip(2 * head).any(says)
        && less.iter().all(|word| rest.any(|other| other == word))
}

fn beginning(text: &str) -> Option<Vec<&str>> {
    let tokens = lexer::tokens(text.trim().lines().next()?);
    let text = text.trim();
    let word = |at: usize| tokens.get(at).map_or("", |token| &text[token.span.clone()]);
    let is_path = |at: usize| word(at + 1) == ":" || at > 0 && word(at - 1) == ":";
    let ends = |at: &usize| matches!(word(*at), "(" | "=") || word(*at) == ":" && !is_path(*at);
    let end = match word(0) {
        "use" => (0..tokens.len()).rfind(|at| word(*at) == ":")?,
        _ => (0..tokens.len()).find(ends)?,
    };
    let words: Vec<&str> = (0..=end).map(word).collect();
    let says =
        words.iter().any(|word| is_name(word.trim_matches('"'))) && !words.contains(&"!") && words[0] != ".";
    says.then_some(words)
}

/// The longest runs of words that stay and stand for themselves, those that name something.
fn runs<'t>(old: &[&'t str], same: &[(usize, usize)]) -> Vec<Vec<&'t str>> {
    let mut runs: Vec<Vec<&str>> = Vec::new();
    let mut next = None;
    for &(at, now) in same {
        if is_hole(old[at]) {
            continue;
        }
        match runs.last_mut() {
            Some(run) if next == Some((at, now)) => run.push(old[at]),
            _ => runs.push(vec![old[at]]),
        }
        next = Some((at + 1, now + 1));
    }
    runs.retain(|run| run.len() > 1 && run.iter().any(|word| is_name(word)));
    runs
}

/// Where an effect stands.
struct Places<'t> {
    text: &'t str,
    present: &'t [Range<usize>],
}

impl Places<'_> {
    /// Whether the effect has a comment that says something, and stands nowhere else.
    fn are_all_of_a_sentence(&self, new: &[&str]) -> bool {
        let is_comment = |word: &&&str| word.starts_with("//") || word.starts_with("/*");
        new.iter().filter(is_comment).any(|comment| {
            words(comment).filter(|word| word.len() >= WORD).count() >= SENTENCE
                && comment.lines().next().is_some_and(|line| self.hold_all_of(line.trim_end()))
        })
    }

    /// Whether what the patch takes away is nowhere any more: a name of somebody's own, and all of those.
    fn are_without(&self, old: &[&str], new: &[&str]) -> bool {
        let mut gone =
            old.iter().filter(|word| is_name(word) && is_own(word) && !new.contains(word)).peekable();
        gone.peek().is_some() && gone.all(|word| !self.has_word(word))
    }

    /// Whether a line that the patch takes away stands outside of these places: it may only have been put there.
    fn have_elsewhere(&self, gone: &[&str]) -> bool {
        gone.iter().any(|line| !self.hold_all_of(line))
    }

    fn has_word(&self, word: &str) -> bool {
        memmem::find_iter(self.text.as_bytes(), word.as_bytes()).any(|at| {
            !self.text[..at].ends_with(is_word) && !self.text[at + word.len()..].starts_with(is_word)
        })
    }

    /// Whether these words, one after the other, stand in these places only: then what they say is where the place is.
    fn are_all_of(&self, run: &[&str], tokens: &[Token]) -> bool {
        let word = |token: &Token| self.text[token.span.clone()].trim_end();
        let is_run = |window: &&[Token]| window.iter().map(word).eq(run.iter().copied());
        let mut found = tokens.windows(run.len()).filter(is_run).peekable();
        found.peek().is_some()
            && found.all(|window| self.hold(&(window[0].span.start..window[run.len() - 1].span.end)))
    }

    /// Whether `part` stands in these places only.
    fn hold_all_of(&self, part: &str) -> bool {
        let found = memmem::find_iter(self.text.as_bytes(), part.as_bytes());
        found.into_iter().all(|at| self.hold(&(at..at + part.len())))
    }

    fn hold(&self, span: &Range<usize>) -> bool {
        self.present.iter().any(|place| place.start <= span.start && span.end <= place.end)
    }
}

/// Whether a word can name something; a comment can.
pub(crate) fn is_name(word: &str) -> bool {
    if word.starts_with("/*") || word.starts_with("//") {
        return word.len() > OWN;
    }
    word.len() >= WORD
        && word.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && !KEYWORDS.contains(&word)
        && !matches!(word, "true" | "false")
}

/// Whether a word is one of the language.
pub(crate) fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::tests::{after, code, delete, draft, replace, tasks, text};
    use super::*;
    use crate::plan::{Decision, plan};

    /// How sure it is that the patch, whose effect stands in `file`, is in place.
    fn standing_in(patch: Patch, path: &str, file: &str) -> Standing {
        let set = [Patch { files: vec![path.to_owned()], ..patch }];
        let drafts = BTreeMap::from([(path.to_owned(), draft(path, file))]);
        let verdict = plan(&tasks(&set), drafts).verdicts.remove(&0).unwrap();
        assert!(matches!(verdict.decision, Decision::InPlace), "{:?} in\n{file}", verdict.decision);
        verdict.standing
    }

    #[test]
    fn an_effect_tells_if_it_says_where_it_stands_or_what_went_is_nowhere() {
        use Standing::{Doubtful, Told};
        let cases = [
            // It defines what it changes.
            (
                "const BLASTS: u8 = 2;",
                "const BLASTS: u8 = 3;",
                "const BLASTS: u8 = 3;\nconst BELLS: u8 = 3;",
                Told,
            ),
            ("fn f() { go() }", "fn f() { stay() }", "fn f() { stay() }", Told),
            ("fn f() { go() }", "fn f() {}", "fn f() {}", Doubtful),
            // What stays is nowhere else.
            ("    muted: true,", "    muted: false,", "let horn = Horn {\n    muted: false,\n};", Told),
            (
                "    muted: true,",
                "    muted: false,",
                "let horn = Horn {\n    muted: false,\n};\nlet bell = Bell { muted: true };",
                Doubtful,
            ),
            ("horn.blow(2)", "horn.blow(3)", "horn.blow(3); lamp.blow(2)", Told),
            ("horn.blow(2)", "horn.blow(3)", "horn.blow(3); horn.blow(4)", Doubtful),
            // Words of the patch's own.
            ("horn.blow(2)", "lantern.shine_softly(2)", "lantern.shine_softly(2); horn.blow(4)", Told),
            ("blow(2)", "blow(TWO)", "blow(TWO); blow(4)", Doubtful),
            // A comment that is a sentence, once.
            ("horn.blow();", "// The horn waits for all.", "// The horn waits for all.\nhorn.rest();", Told),
            (
                "horn.blow();",
                "// The horn waits for nothing.\nrest();",
                "// The horn waits for nothing.\nrest();\n// The horn waits for nothing.\nsleep();",
                Doubtful,
            ),
            ("horn.blow();", "// off", "// off\nlamp.rest();", Doubtful),
            // What went is nowhere any more, under a name that is somebody's own.
            ("greet();\nreport_visit(now);", "greet();", "greet();\nleave();", Told),
            ("greet();\nreport_visit(now);", "greet();", "greet();\nleave();\nreport_visit(then);", Doubtful),
            ("greet();\nlog(now);", "greet();", "greet();\nleave();", Doubtful),
            // A statement of somebody's own that stands elsewhere may only have been put there; an element of a list may be one
            // of another list.
            (
                "greet();\nreport_visit(now);\nleave();",
                "greet();\nleave();",
                "greet();\nleave();\nreport_visit(now);",
                Doubtful,
            ),
            ("Bell,\nbell_tower,\nHorn,", "Bell,\nHorn,", "Bell,\nHorn,\n}\nbell_tower,", Told),
            ("greet();\nlog(now);\nleave();", "greet();\nleave();", "greet();\nleave();\nlog(now);", Told),
            ("greet().to_string();", "greet();", "greet();\nleave();", Doubtful),
            // It went from between what stays, and that stands so nowhere else.
            ("greet(guest, now, host);", "greet(guest, host);", "greet(guest, host);", Told),
            (
                "greet(guest, now, host);",
                "greet(guest, host);",
                "greet(guest, host);\ngreet(guest, host);",
                Told,
            ),
        ];
        for (search, effect, file, expected) in cases {
            let found = standing_in(text(search, replace(effect)), "a.rs", file);
            assert_eq!(found, expected, "`{search}` to `{effect}` in\n{file}");
        }
    }

    #[test]
    fn an_effect_of_metavariables_tells_by_its_own_words() {
        use Standing::{Doubtful, Told};
        let cases = [
            ("open($A, slow_start)", "open($A)", "fn f() { open(door); }", Told),
            ("open($A, slow_start)", "open($A)", "fn f() { open(door); shut(slow_start); }", Doubtful),
            ("$A.blow(2)", "$A.blow(3)", "fn f() { horn.blow(3); }", Doubtful),
            ("$A.blow(2)", "$A.blow(3)", "fn f() { horn.blow(3); bell.blow(9); }", Doubtful),
        ];
        for (pattern, effect, file, expected) in cases {
            let found = standing_in(code(pattern, replace(effect)), "a.rs", file);
            assert_eq!(found, expected, "`{pattern}` to `{effect}` in\n{file}");
        }
    }

    #[test]
    fn an_insertion_tells_beside_its_match_or_if_it_can_stand_only_once() {
        use Standing::{Doubtful, Told};
        let cases = [
            ("use reef::Buoy;", "use wave::Six;", "use reef::Buoy;\nuse tide::Two;\nuse wave::Six;\n", Told),
            ("mod reef;", "mod wave;", "mod reef;\nmod tide;\nmod wave;\n", Told),
            ("init();", "hush();", "fn f() {\n    init();\n    hush();\n}\n", Told),
            ("init();", "hush();", "fn f() {\n    init();\n    run();\n    hush();\n}\n", Doubtful),
        ];
        for (pattern, inserted, file, expected) in cases {
            let found = standing_in(code(pattern, after(inserted)), "a.rs", file);
            assert_eq!(found, expected, "`{inserted}` after `{pattern}` in\n{file}");
        }
    }

    #[test]
    fn a_constraint_tells_where_an_effect_stands() {
        let file = "fn f() {\n    horn.blow(3);\n}\n\nfn g() {\n    horn.blow(3);\n}\n";
        let patch = || text("horn.blow(2);", replace("horn.blow(3);"));
        assert_eq!(standing_in(patch(), "a.rs", file), Standing::Told, "all of them are its effect");
        let file = file.replacen("3", "4", 1);
        assert_eq!(standing_in(patch(), "a.rs", &file), Standing::Doubtful);
        let bound = Patch { function_context: Some("g".to_owned()), ..patch() };
        assert_eq!(standing_in(bound, "a.rs", &file), Standing::Told);
    }

    #[test]
    fn a_deletion_has_no_effect_that_stands_somewhere() {
        let set = [text("horn.blow();\n", delete())];
        let drafts = BTreeMap::from([("a.rs".to_owned(), draft("a.rs", "lamp.rest();\n"))]);
        let verdict = plan(&tasks(&set), drafts).verdicts.remove(&0).unwrap();
        assert!(matches!(verdict.decision, Decision::Absent), "history decides");
    }

    #[test]
    fn comments_and_attributes_are_said_of_what_follows() {
        assert_eq!(behind_comments("// Why.\n\n    #[cold]\n    go(); // Now.\n"), "    go(); // Now.\n");
        assert_eq!(behind_comments("go();\n// Why.\n"), "go();\n// Why.\n");
        assert_eq!(behind_comments("// Why.\n#[cold]"), "");
    }

    #[test]
    fn texts_begin_alike_if_they_call_bind_or_describe_the_same() {
        for (one, other, expected) in [
            ("set_level(\"low\");", "    set_level(\"high\");\n    more();", true),
            ("let level = 1;", "let level = 2;", true),
            ("level: u8,", "level: u16,", true),
            ("std::mem::take(&mut a)", "std::mem::take(&mut b)", true),
            ("let level = 1;", "let other = 1;", false),
            ("let level = 1;", "let mut level = 1;", false),
            ("std::mem::take(&mut a)", "std::mem::swap(&mut a)", false),
            ("println!(\"low\");", "println!(\"high\");", false),
            (".arg(low)", ".arg(high)", false),
            ("go(1)", "go(2)", false),
            ("}", "}", false),
            ("", "", false),
        ] {
            assert_eq!(begins_alike(one, other), expected, "`{one}` and `{other}`");
        }
    }
}
