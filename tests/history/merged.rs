//! Landings where upstream changed the very line: whether the change was carried over token by token.
//!
//! The walk knows lines only. Of a line that upstream re-wrapped, or gave another argument, it says that it is changed
//! or gone, though one token in it can still be exchanged for another. A landing there counts by itself, neither right
//! nor wrong, if all of these hold; else it is wrong:
//!
//! 1. Token by token the file changed as the base did: the same tokens are gone and the same ones have come, in their
//!    order, and outside of them not a byte differs. Where tokens only came, the three on either side are those at base.
//! 2. The place is the same: on either side the two nearest words of the changed line stand where they stood, in their
//!    order, others between them; and of the six nearest words of any line at least two do.
//! 3. It stands where the lines around went: between the nearest lines above and below, not more than fifteen away at
//!    base, that the walk still has; or within four lines of the one that stands in the changed line's stead.

use crate::follow::{Place, tokens};

/// Tokens that must adjoin an insertion.
const ADJOIN: usize = 3;
/// Words of the line itself, on either side.
const NEAR: usize = 2;
/// Words of any line, on either side.
const WIDE: usize = 6;
/// Words on either side at the place, among which they are looked for.
const REACH: usize = 12;
/// Lines from the one that is known to stand in the stead of the changed one.
const LINES: usize = 4;

/// A change of a text: the tokens that went and came, and where.
struct Change<'t> {
    all: Vec<&'t str>,
    /// Tokens of `all` that went.
    gone: std::ops::Range<usize>,
    came: Vec<&'t str>,
    /// The bytes outside of the change are the same.
    clean: bool,
}

fn end(text: &str, token: &str) -> usize {
    start(text, token) + token.len()
}

fn start(text: &str, token: &str) -> usize {
    token.as_ptr() as usize - text.as_ptr() as usize
}

fn change<'t>(before: &'t str, after: &'t str) -> Change<'t> {
    let (old, new) = (tokens(before), tokens(after));
    let front = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - front;
    let back = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count().min(most);
    let head =
        |text: &'t str, all: &[&str]| front.checked_sub(1).map_or("", |at| &text[..end(text, all[at])]);
    let tail =
        |text: &'t str, all: &[&str]| all.get(all.len() - back).map_or("", |at| &text[start(text, at)..]);
    Change {
        gone: front..old.len() - back,
        came: new[front..new.len() - back].to_vec(),
        clean: head(before, &old) == head(after, &new) && tail(before, &old) == tail(after, &new),
        all: old,
    }
}

/// Whether a token names something.
fn word(token: &str) -> bool {
    const COMMON: [&str; 22] = [
        "as", "async", "await", "break", "const", "continue", "dyn", "else", "fn", "for", "if", "impl", "in",
        "let", "match", "mut", "pub", "ref", "return", "self", "where", "while",
    ];
    token.len() > 1 && token.starts_with(|c: char| c.is_alphabetic() || c == '_') && !COMMON.contains(&token)
}

impl Change<'_> {
    /// The words on a side, nearest first.
    fn words(&self, above: bool) -> Box<dyn Iterator<Item = &str> + '_> {
        let named = |token: &&str| word(token);
        if above {
            Box::new(self.all[..self.gone.start].iter().rev().copied().filter(named))
        } else {
            Box::new(self.all[self.gone.end..].iter().copied().filter(named))
        }
    }

    /// The line of the first token that went, or before which others came.
    fn line(&self, before: &str) -> usize {
        let at = match self.all.get(self.gone.start) {
            Some(token) if !self.gone.is_empty() => start(before, token),
            _ => self.gone.start.checked_sub(1).map_or(0, |at| end(before, self.all[at])),
        };
        before[..at].matches('\n').count()
    }
}

/// How many of `wanted` are found in their order.
fn in_order(wanted: &[&str], there: &[&str]) -> usize {
    // The longest common subsequence; both are short.
    let mut best = vec![0; there.len() + 1];
    for one in wanted {
        let mut corner = 0;
        for (at, other) in there.iter().enumerate() {
            let above = best[at + 1];
            best[at + 1] = if one == other { corner + 1 } else { above.max(best[at]) };
            corner = above;
        }
    }
    best[there.len()]
}

/// What the walk says of the place.
pub(crate) struct Region<'w> {
    pub(crate) to: Option<&'w Place>,
    pub(crate) between: Option<&'w (Place, Place)>,
}

impl Region<'_> {
    fn holds(&self, path: &str, line: usize) -> bool {
        let near = self.to.is_some_and(|to| to.path == path && to.line.abs_diff(line) <= LINES);
        near || self.between.is_some_and(|(above, below)| {
            above.path == path && below.path == path && above.line <= line && line <= below.line
        })
    }
}

/// Whether the change `was` of base at a line, a text before and after, is what `now` does to the file at `path`; an error says
/// which of the rules it breaks.
pub(crate) fn merged(
    was: (&str, &str),
    line: usize,
    now: (&str, &str),
    path: &str,
    region: &Region<'_>,
) -> Result<(), &'static str> {
    let (base, later) = (change(was.0, was.1), change(now.0, now.1));
    let tokens_of = |change: &Change<'_>| change.all[change.gone.clone()].concat();
    if !later.clean || later.gone.len() != base.gone.len() || tokens_of(&later) != tokens_of(&base) {
        return Err("other tokens went");
    }
    if later.came != base.came {
        return Err("other tokens came");
    }
    if base.gone.is_empty() {
        let adjoin = |change: &Change<'_>| {
            let (at, len) = (change.gone.start, change.all.len());
            [&change.all[at.saturating_sub(ADJOIN)..at], &change.all[at..(at + ADJOIN).min(len)]]
                .concat()
                .join(" ")
        };
        if adjoin(&base) != adjoin(&later) {
            return Err("it adjoins other tokens");
        }
    }
    let from: usize = was.0.split_inclusive('\n').take(line).map(str::len).sum();
    let to = from + was.0[from..].find('\n').unwrap_or(was.0.len() - from);
    let on_line = |side: &[&str]| {
        let inside = |token: &&&str| (from..to).contains(&start(was.0, token));
        side.iter().filter(|token| word(token)).filter(inside).count()
    };
    let left = on_line(&base.all[..base.gone.start]);
    let right = on_line(&base.all[base.gone.end..]);
    for (above, on_line) in [(true, left), (false, right)] {
        let there: Vec<&str> = later.words(above).take(REACH).collect();
        let near: Vec<&str> = base.words(above).take(on_line.min(NEAR)).collect();
        if in_order(&near, &there) < near.len() {
            return Err("other words stand beside it");
        }
        let wide: Vec<&str> = base.words(above).take(WIDE).collect();
        if in_order(&wide, &there) < wide.len().min(NEAR) {
            return Err("other words stand around it");
        }
    }
    if !region.holds(path, later.line(now.0)) {
        return Err("the lines around it went elsewhere");
    }
    Ok(())
}

#[test]
fn only_the_very_change_counts() {
    let base = "fn one() {\n    let first = start();\n    call(alpha, beta, gamma);\n    let last = end(first);\n}\n";
    let edited = base.replace("call", "custom_call");
    let above = Place { path: "a.rs".to_owned(), line: 1 };
    let between = (above, Place { path: "a.rs".to_owned(), line: 8 });
    let region = Region { to: None, between: Some(&between) };
    let judge =
        |later: &str, after: &str, path: &str| merged((base, &edited), 2, (later, after), path, &region);
    let wrapped = base
        .replace("call(alpha, beta, gamma)", "call(\n        alpha,\n        beta,\n        more,\n    )");
    let right = wrapped.replace("call", "custom_call");
    assert_eq!(judge(&wrapped, &right, "a.rs"), Ok(()));
    assert_eq!(judge(&wrapped, &right, "b.rs"), Err("the lines around it went elsewhere"));
    assert_eq!(judge(&wrapped, &right.replace("more", "less"), "a.rs"), Err("other tokens went"));
    assert_eq!(judge(&wrapped, &right.replace("custom_call", "my_call"), "a.rs"), Err("other tokens came"));
    let blanks = right.replace("end(first)", "end( first)");
    assert_eq!(judge(&wrapped, &blanks, "a.rs"), Err("other tokens went"));
    let others = wrapped.replace("alpha", "delta");
    assert_eq!(
        judge(&others, &others.replace("call", "custom_call"), "a.rs"),
        Err("other words stand beside it")
    );
}
