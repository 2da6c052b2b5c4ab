//! `$NAME` and `$$$NAME` in the texts of an ast-grep patch: the query must bind each of them.

use std::collections::BTreeSet;

use super::fields::{At, Sink, nearest};
use crate::config::mistake::MistakeKind;
use crate::render::variables;

/// Reports the names in `text` that the query does not bind; whether there are none.
pub(super) fn all_bound(sink: &mut Sink, text: &At<String>, bound: &BTreeSet<String>) -> bool {
    let unbound: Vec<_> = variables(&text.value).into_iter().filter(|v| !bound.contains(v.name)).collect();
    for variable in &unbound {
        let written = &text.value[variable.span.clone()];
        let span = sink.inside(text, variable.span.clone());
        sink.report(MistakeKind::Capture, span, format!("the query does not bind `{written}`"))
            .hint(hint(variable.name, bound));
    }
    unbound.is_empty()
}

fn hint(name: &str, bound: &BTreeSet<String>) -> String {
    let names: Vec<&str> = bound.iter().map(String::as_str).collect();
    match nearest(name, &names) {
        Some(near) => {
            format!(
                "the nearest name that the query binds is `{near}`; to insert `$` as it is, set \
             `captures = \"off\"`"
            )
        }
        None => "the query binds no names; to insert `$` as it is, set `captures = \"off\"`".to_owned(),
    }
}

/// Reports a replacement made of captures alone: a second run could not tell it from code that was always there.
pub(super) fn is_recognisable(sink: &mut Sink, text: &At<String>) -> bool {
    let found = variables(&text.value);
    let mut literal = String::new();
    let mut done = 0;
    for variable in &found {
        literal.push_str(&text.value[done..variable.span.start]);
        done = variable.span.end;
    }
    literal.push_str(&text.value[done..]);
    let good = found.is_empty() || literal.contains(char::is_alphanumeric);
    if !good {
        let message = "`text` consists of captures only, so a second run could not recognise it";
        sink.report(MistakeKind::Capture, text.span.clone(), message)
            .hint("include more of the surrounding code in the query and in `text`");
    }
    good
}
