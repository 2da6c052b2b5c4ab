//! Patches of every kind at random places: as TOML for the engine, with what they are meant to do.

use super::model::{Dice, Form, Item, Kind, Line, MANIFEST, World};
use super::wishes::{ANY, Intent, Wish};

pub(super) fn query(kind: &str, key: &str, value: &str) -> String {
    format!("[patches.query]\ntype = \"{kind}\"\n{key} = {value:?}\n")
}

pub(super) fn operation(kind: &str, text: Option<&str>) -> String {
    let text = text.map(|text| format!("text = {text:?}\n")).unwrap_or_default();
    format!("[patches.operation]\ntype = \"{kind}\"\n{text}")
}

/// A line that only the patch of this number has.
fn own_line(number: usize, edition: usize) -> Line {
    Line {
        id: 20_000 + number,
        form: Form::Call,
        name: format!("own_name{number}"),
        callee: format!("own_call{number}"),
        argument: String::new(),
        number: 900_000 + 10 * number + edition,
    }
}

/// A number that it is changed to: sometimes one that stands everywhere.
fn new_number(from: usize, number: usize, dice: &mut Dice, edition: usize) -> usize {
    let common = dice.one_in(3) && edition == 0;
    match dice.below(4) {
        to if common && to != from => to,
        _ => 700_000 + 10 * number + edition,
    }
}

pub(super) fn key_wish(world: &World, id: &str, number: usize, dice: &mut Dice, edition: usize) -> Wish {
    let keys = &world.manifest[1].1;
    let (key, was) = keys[dice.below(keys.len())].clone();
    let to = format!("\"={}.{edition}\"", 50 + number);
    let toml = |key: &str| {
        format!(
            "[patches.query]\ntype = \"toml\"\nsection = \"dependencies\"\nkey = \"{key}\"\n[patches.operation]\n"
        )
    };
    let text = |from: &str, to: &str| query("text", "search", from) + &operation("replace", Some(to));
    let value = Intent::Value { key: key.clone(), from: was.clone(), to: to.clone() };
    let (intent, toml, overwrites) = match dice.below(5) {
        0 => (value, format!("{}type = \"set-value\"\nvalue = '{to}'\n", toml(&key)), true),
        1 => (value, format!("{}type = \"replace-value\"\nvalue = '{to}'\n", toml(&key)), true),
        2 => (value, text(&format!("{key} = {was}\n"), &format!("{key} = {to}\n")), false),
        3 => (
            Intent::DropKey { key: key.clone(), was },
            format!("{}type = \"delete-key\"\n", toml(&key)),
            true,
        ),
        _ => {
            let own = format!("own{number}");
            let toml = format!("{}type = \"set-value\"\nvalue = '{to}'\n", toml(&own));
            (Intent::AddKey { key: own, value: to }, toml, true)
        }
    };
    let toml = format!("[[patches]]\nid = \"{id}\"\nfile = \"{MANIFEST}\"\n{toml}");
    Wish { id: id.to_owned(), path: MANIFEST.to_owned(), overwrites, ..Wish::of(intent, None, &toml) }
}

pub(super) fn const_wish(item: &Item, number: usize, dice: &mut Dice, edition: usize) -> Wish {
    let line = &item.lines[0];
    let to = new_number(line.number, number, dice, edition);
    let new = Item { lines: vec![line.with(to)], ..item.clone() };
    let (old, new) = (item.render(), new.render());
    let (old, new) = (old.trim_end(), new.trim_end());
    let (toml, overwrites) = match dice.below(4) {
        0 => (query("text", "search", old) + &operation("replace", Some(new)), false),
        1 => (query("ast-grep", "pattern", old) + &operation("replace", Some(new)), false),
        2 => {
            let pattern = format!("pub const {}: $TYPE = $VALUE;", item.name);
            let text = format!("pub const {}: $TYPE = {to};", item.name);
            (query("ast-grep", "pattern", &pattern) + &operation("replace", Some(&text)), true)
        }
        _ => {
            let pattern = format!("const {}", item.name);
            (query("tree-sitter", "pattern", &pattern) + &operation("replace", Some(new)), true)
        }
    };
    let intent = Intent::Number { line: line.id, from: line.number, to };
    Wish {
        overwrites,
        named: Some((item.name.clone(), Some(Kind::Const))),
        ..Wish::of(intent, Some(item), &toml)
    }
}

pub(super) fn whole_wish(item: &Item, number: usize, dice: &mut Dice, edition: usize) -> Wish {
    let bare = dice.one_in(2);
    let shorthand = match item.kind {
        Kind::Method(of) if !bare => format!("fn {of}::{}", item.name),
        _ => format!("fn {}", item.name),
    };
    let query = query("tree-sitter", "pattern", &shorthand);
    let dedented = |item: &Item| {
        let indent = item.indent();
        let text = item.render();
        text.lines()
            .map(|line| format!("{}\n", line.strip_prefix(indent).unwrap_or(line)))
            .collect::<String>()
    };
    let (intent, operation) = match dice.below(4) {
        0 => (Intent::DropItem { was: item.clone() }, operation("delete", None)),
        1 => {
            let id = 30_000 + number;
            let name = format!("own_fn{number}");
            let own = Item {
                id,
                lineage: id,
                twin_of: 0,
                twin_lines: Vec::new(),
                name,
                lines: vec![own_line(number, edition)],
                is_deeper: false,
                head_of: None,
                ..item.clone()
            };
            let text = format!("\n{}", dedented(&own));
            (Intent::AddItem { own }, operation("insert-after", Some(&text)))
        }
        _ => {
            let mut to = item.clone();
            let at = dice.below(to.lines.len());
            to.lines[at].number = new_number(to.lines[at].number, number, dice, edition);
            let text = dedented(&to);
            (Intent::Whole { was: item.clone(), to }, operation("replace", Some(&text)))
        }
    };
    // `fn x` finds methods as well, unless what is written in its place is a function that is none.
    let is_kind_known = matches!((&item.kind, &intent), (Kind::Method(_), _) | (_, Intent::Whole { .. }));
    let named = Some((item.name.clone(), (!bare && is_kind_known).then(|| item.kind.clone())));
    Wish { overwrites: true, named, ..Wish::of(intent, Some(item), &(query + &operation)) }
}

pub(super) fn text_wish(item: &Item, number: usize, dice: &mut Dice, edition: usize) -> Wish {
    let at = dice.below(item.lines.len());
    let is_named = dice.one_in(4) && !item.is_deeper;
    let from = if is_named { 0 } else { at - dice.below(2).min(at) };
    let end = (at + 1 + dice.below(2)).min(item.lines.len());
    let head = if is_named { item.head() } else { String::new() };
    let shown = |lines: &[Line]| {
        head.clone() + &lines.iter().map(|line| line.render(&item.depth())).collect::<String>()
    };
    let line = &item.lines[at];
    let mut window = item.lines[from..end].to_vec();
    let mut search = shown(&window);
    let own = own_line(number, edition);
    let (intent, operation) = match dice.below(6) {
        0 => {
            window.remove(at - from);
            let operation = match window.is_empty() && head.is_empty() {
                true => operation("delete", None),
                false => operation("replace", Some(&shown(&window))),
            };
            (Intent::Drop { was: line.clone() }, operation)
        }
        1 => {
            window.insert(at - from + 1, own.clone());
            (
                Intent::Insert { anchor: line.id, own, is_after: true },
                operation("replace", Some(&shown(&window))),
            )
        }
        2 => {
            search = shown(&item.lines[from..=at]);
            let text = own.render(&item.depth());
            (Intent::Insert { anchor: line.id, own, is_after: true }, operation("insert-after", Some(&text)))
        }
        3 if !is_named => {
            search = shown(&item.lines[at..end]);
            let text = own.render(&item.depth());
            (
                Intent::Insert { anchor: line.id, own, is_after: false },
                operation("insert-before", Some(&text)),
            )
        }
        _ => {
            let to = new_number(line.number, number, dice, edition);
            window[at - from].number = to;
            let intent = Intent::Number { line: line.id, from: line.number, to };
            (intent, operation("replace", Some(&shown(&window))))
        }
    };
    // A head does not say of which type it is.
    let kind = (!matches!(item.kind, Kind::Method(_))).then(|| item.kind.clone());
    let named = is_named.then(|| (item.name.clone(), kind));
    let toml = query("text", "search", &search) + &operation;
    Wish { named, search: Some(search), shape: Some(line.clone()), ..Wish::of(intent, Some(item), &toml) }
}

pub(super) fn structural_wish(item: &Item, number: usize, dice: &mut Dice, edition: usize) -> Wish {
    let line = &item.lines[dice.below(item.lines.len())];
    let search = line.render("").trim_end().to_owned();
    let own = own_line(number, edition);
    let replaced = |dice: &mut Dice| {
        let to = new_number(line.number, number, dice, edition);
        let (mut from, mut text) = (search.clone(), line.with(to).render("").trim_end().to_owned());
        if dice.one_in(2) {
            match line.form {
                Form::Let => {
                    from = format!("{}($A, {})", line.callee, line.number);
                    text = format!("{}($A, {to})", line.callee);
                }
                Form::If => {
                    from = format!("if {} > {} {{ $$$BODY }}", line.name, line.number);
                    text = format!("if {} > {to} {{ $$$BODY }}", line.name);
                }
                _ => {}
            }
        }
        let intent = Intent::Number { line: line.id, from: line.number, to };
        (intent, from, operation("replace", Some(&text)))
    };
    let (intent, pattern, operation) = match dice.below(5) {
        0 => (Intent::Drop { was: line.clone() }, search.clone(), operation("delete", None)),
        1 => {
            let kind = if dice.one_in(2) { "insert-after" } else { "insert-before" };
            let text = own.render("").trim_end().to_owned();
            (
                Intent::Insert { anchor: line.id, own, is_after: kind == "insert-after" },
                search.clone(),
                operation(kind, Some(&text)),
            )
        }
        _ => replaced(dice),
    };
    let is_named = dice.one_in(2);
    let constraint = match is_named {
        true => format!("[patches.constraint]\nfunction_context = \"{}\"\n", item.name),
        false => String::new(),
    };
    let named = is_named.then(|| (item.name.clone(), None));
    let toml = query("ast-grep", "pattern", &pattern) + &operation + &constraint;
    let mut shape = line.clone();
    if pattern.contains("$$$BODY") {
        shape.callee.clear();
    } else if pattern.contains(ANY) {
        ANY.clone_into(&mut shape.argument);
    }
    Wish { named, shape: Some(shape), ..Wish::of(intent, Some(item), &toml) }
}
