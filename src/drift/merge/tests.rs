//! Cases and properties of the merge by tokens.

use proptest::prelude::*;

use super::*;

fn clean(base: &str, ours: &str, theirs: &str, wanted: &str) {
    assert_eq!(merge(base, ours, theirs), Merged::Clean(wanted.to_owned()), "{base}\n{ours}\n{theirs}");
    assert_eq!(merge(base, wanted, theirs), Merged::Unchanged, "twice: {wanted}");
}

fn carries(base: &str, ours: &str, theirs: &str, wanted: &str) {
    assert_eq!(carry(base, ours, theirs), Merged::Clean(wanted.to_owned()), "{base}\n{ours}\n{theirs}");
}

fn conflicts(base: &str, ours: &str, theirs: &str) {
    let merged = merge(base, ours, theirs);
    assert!(matches!(merged, Merged::Conflict { .. }), "{merged:?}");
}

#[test]
fn the_example_in_the_header_of_splice() {
    let wanted = "    let limit = settings.limit.unwrap_or(64) as u32;\n";
    let base = "let limit = config.limit.unwrap_or(8);\n";
    clean(base, &wanted.replace("64", "8"), &base.replace('8', "64"), wanted);
}

#[test]
fn other_tokens_of_the_line_are_upstreams() {
    clean(
        "let max = limit(6);\n",
        "let cap = limit(6);\n",
        "let max = limit(12);\n",
        "let cap = limit(12);\n",
    );
    clean("    run(a, 6);\n", "    run(ctx, a, 6);\n", "    run(a, 12);\n", "    run(ctx, a, 12);\n");
    clean("    run(a, 6);\n", "    run(a, 6, ctx);\n", "    run(a, 12);\n", "    run(a, 12, ctx);\n");
    clean("run(a, 6);\n", "run(\n    a,\n    6,\n);\n", "run(a, 12);\n", "run(\n    a,\n    12,\n);\n");
    clean(
        "run(\n    a,\n    6,\n);\n",
        "run(ctx, a, 6);\n",
        "run(\n    a,\n    12,\n);\n",
        "run(ctx, a, 12);\n",
    );
}

#[test]
fn the_same_tokens_conflict() {
    conflicts("let max = 6;\n", "let max = 7;\n", "let max = 12;\n");
    conflicts("max: 6\n", "min = 6\n", "max: 12\n");
    conflicts(
        "fn a() {\n    one();\n    two(1);\n}\n",
        "fn a() {\n    one();\n    two(2);\n}\n",
        "fn a() { None }\n",
    );
    conflicts(
        "fn a() {\n    one();\n    two(1);\n}\n",
        "fn a() {\n    one();\n}\n",
        "fn a() {\n    return;\n}\n",
    );
    conflicts("start();\nstop();\n", "start();\nlog();\nstop();\n", "start();\nwait();\nstop();\n");
    conflicts("go(alpha, beta);\n", "go(alpha);\n", "go(alpha, new, beta);\n");
    conflicts("let x = \"one two\";\n", "let x = \"one tree\";\n", "let x = \"one four\";\n");
}

#[test]
fn the_place_lends_its_indentation() {
    clean(
        "if a {\n    one();\n    two();\n}\n",
        "    if a {\n        one();\n        two(x);\n    }\n",
        "if a {\n    one();\n    if b {\n\n        mid(\"\n  x\");\n    }\n    two();\n}\n",
        "    if a {\n        one();\n        if b {\n\n            mid(\"\n  x\");\n        }\n        two(x);\n    }\n",
    );
    clean(
        "fn a() {\n        one(1);\n    }\n",
        "fn a() {\n    one(1);\n}\n",
        "fn a() {\n        zero();\n        one(1);\n    }\n",
        "fn a() {\n    zero();\n    one(1);\n}\n",
    );
}

#[test]
fn fragments_leave_what_is_around_them() {
    clean("max: 6", "    let c = C { max: 6, min: 1 };\n", "max: 12", "    let c = C { max: 12, min: 1 };\n");
    clean(
        "one();",
        "    x();\n    one();\n    y();\n",
        "one();\n    two();",
        "    x();\n    one();\n    two();\n    y();\n",
    );
    clean(
        "one();\n",
        "    x();\n    one();\n    y();\n",
        "zero();\none();\n",
        "    x();\n    zero();\n    one();\n    y();\n",
    );
    clean("a(1)", "    let x = a(1)?;\n", "a(1).b()", "    let x = a(1).b()?;\n");
}

#[test]
fn lists_grow_on_both_sides() {
    clean(
        "use a::{alpha, beta};\n",
        "use a::{alpha, beta, omega};\n",
        "use a::{aa, alpha, beta};\n",
        "use a::{aa, alpha, beta, omega};\n",
    );
    conflicts("use a::{alpha, beta};\n", "use a::{alpha, beta, omega};\n", "use a::{alpha, beta, gamma};\n");
    clean(
        "use a::{alpha, beta, gamma};\n",
        "use a::{\n    alpha,\n    beta,\n    gamma,\n};\n",
        "use a::{alpha, beta, gamma, new};\n",
        "use a::{\n    alpha,\n    beta,\n    gamma, new,\n};\n",
    );
}

#[test]
fn a_deleted_line_leaves_its_neighbours() {
    clean(
        "    one(1);\n    two();\n    three(1);\n",
        "    one(2);\n    two();\n    three(2);\n",
        "    one(1);\n    three(1);\n",
        "    one(2);\n    three(2);\n",
    );
    clean(
        "match x {\n    A => a(1),\n    B => b(),\n    C => c(1),\n}\n",
        "match x {\n    A => a(2),\n    B => b(),\n    C => c(2),\n}\n",
        "match x {\n    A => a(1),\n    C => c(1),\n}\n",
        "match x {\n    A => a(2),\n    C => c(2),\n}\n",
    );
}

#[test]
fn a_line_between_its_old_neighbours_is_beyond_doubt() {
    // A line like it below, above, and further on.
    clean(
        "Request {\n    title: Some(input.title.clone()),\n    size: None,\n}\n",
        "Request {\n    title: Some(input.title.clone()),\n    label: Some(input.label.clone()),\n    size: None,\n}\n",
        "Request {\n    title: None,\n    size: None,\n}\n",
        "Request {\n    title: None,\n    label: Some(input.label.clone()),\n    size: None,\n}\n",
    );
    clean(
        "Request {\n    name: name(),\n    title: Some(input.title.clone()),\n    size: 1,\n}\n",
        "Request {\n    name: name(),\n    label: Some(input.label.clone()),\n    title: Some(input.title.clone()),\n    size: 1,\n}\n",
        "Request {\n    name: name(),\n    title: Some(input.title.take()),\n    size: 1,\n}\n",
        "Request {\n    name: name(),\n    label: Some(input.label.clone()),\n    title: Some(input.title.take()),\n    size: 1,\n}\n",
    );
    clean(
        "    build(Options {\n        colour: colour,\n        write_mode: None,\n        ..base\n    });\n",
        "    build(Options {\n        colour: colour,\n        write_mode: None,\n        write_model: None,\n        ..base\n    });\n",
        "    build(Options {\n        colour: colour,\n        write_mode: Some(Mode::Never),\n        ..base\n    });\n",
        "    build(Options {\n        colour: colour,\n        write_mode: Some(Mode::Never),\n        write_model: None,\n        ..base\n    });\n",
    );
    // A block like it below.
    clean(
        "Event::Said {\n    speaker: said.speaker,\n    words: said.words.into_iter().map(Word::from).collect(),\n}\n",
        "Event::Said {\n    speaker: said.speaker,\n    words: said.words.into_iter().map(Word::from).collect(),\n    marks: said\n        .marks\n        .into_iter()\n        .map(Mark::from)\n        .collect(),\n    notes: said.notes.into_iter().map(Note::from).collect(),\n}\n",
        "Event::Said {\n    speaker: said.speaker,\n    words: said.words.into_iter().map(Word::spoken).collect(),\n}\n",
        "Event::Said {\n    speaker: said.speaker,\n    words: said.words.into_iter().map(Word::spoken).collect(),\n    marks: said\n        .marks\n        .into_iter()\n        .map(Mark::from)\n        .collect(),\n    notes: said.notes.into_iter().map(Note::from).collect(),\n}\n",
    );
    // Another arm.
    clean(
        "    Op::Answer { id, text } => {\n        handlers::answer_given(&host, id, text).await;\n    }\n",
        "    Op::Answer { id, text } => {\n        handlers::answer_given(&host, id, text).await;\n    }\n    Op::Permit { id, text } => {\n        handlers::permit_given(&host, id, text).await;\n    }\n",
        "    Op::Answer { id, text } => {\n        handlers::answer_given(&host, id, trimmed(text)).await;\n    }\n",
        "    Op::Answer { id, text } => {\n        handlers::answer_given(&host, id, trimmed(text)).await;\n    }\n    Op::Permit { id, text } => {\n        handlers::permit_given(&host, id, text).await;\n    }\n",
    );
    // Lines that mention it.
    clean(
        "    found.items\n        .retain(|item| seen.insert(item.path_of_origin.clone()));\n    found\n",
        "    found.items\n        .retain(|item| seen.insert(item.path_of_origin.clone()));\n    let kept = found.items.iter().map(|item| item.path_of_origin.clone());\n    found.roots.retain(|item| kept.contains(item.path_of_origin.clone()));\n    found\n",
        "    found.items\n        .retain(|item| seen.insert(item.path_of_origin.to_owned()));\n    found\n",
        "    found.items\n        .retain(|item| seen.insert(item.path_of_origin.to_owned()));\n    let kept = found.items.iter().map(|item| item.path_of_origin.clone());\n    found.roots.retain(|item| kept.contains(item.path_of_origin.clone()));\n    found\n",
    );
}

#[test]
fn a_line_alone_that_upstream_pushed_off_its_neighbours_may_be_another() {
    conflicts(
        "    one(1);\n    set(a.alpha.clone());\n    three(3);\n",
        "    one(1);\n    set(a.beta.clone());\n    set(a.alpha.clone());\n    set(a.gamma.clone());\n    three(3);\n",
        "    one(1);\n    set(a.alpha.take());\n    three(3);\n",
    );
    // Twice there.
    conflicts(
        "    one(1);\n    set(a.alpha.clone());\n    three(3);\n",
        "    one(1);\n    set(a.alpha.clone());\n    set(a.alpha.clone());\n    three(3);\n",
        "    one(1);\n    set(a.alpha.take());\n    three(3);\n",
    );
}

#[test]
fn a_deleted_line_beside_new_ones_goes() {
    carries(
        "struct Server {\n    /// How long a call may take.\n    pub call_timeout: Option<Duration>,\n}\n",
        "struct Server {\n    /// How long a call may take.\n    pub call_timeout: Option<Duration>,\n\n    /// How long a stop may take.\n    pub stop_timeout: Option<Duration>,\n}\n",
        "struct Server {\n    /// How long a call may take.\n}\n",
        "struct Server {\n    /// How long a call may take.\n\n    /// How long a stop may take.\n    pub stop_timeout: Option<Duration>,\n}\n",
    );
    carries(
        "fn arguments(root: &Path) -> Vec<String> {\n    let mut words = Vec::new();\n    words.push(root.name());\n    words\n}\n",
        "fn arguments(root: &Path, mode: Mode) -> Vec<String> {\n    let plain = mode.is_plain();\n    let mut words = Vec::new();\n    words.push(root.name());\n    words\n}\n",
        "fn arguments(root: &Path) -> Vec<String> {\n    words.push(root.name());\n    words\n}\n",
        "fn arguments(root: &Path, mode: Mode) -> Vec<String> {\n    let plain = mode.is_plain();\n    words.push(root.name());\n    words\n}\n",
    );
}

#[test]
fn a_field_goes_before_the_brace_that_others_follow() {
    clean(
        "struct Server {\n    pub name: String,\n    pub port: u16,\n}\n",
        "struct Server {\n    pub name: String,\n    pub port: u16,\n}\n\n#[derive(Debug)]\nstruct Client {\n    pub name: String,\n    pub host: u32,\n}\n",
        "struct Server {\n    pub name: String,\n    pub port: u16,\n    pub host: u16,\n}\n",
        "struct Server {\n    pub name: String,\n    pub port: u16,\n    pub host: u16,\n}\n\n#[derive(Debug)]\nstruct Client {\n    pub name: String,\n    pub host: u32,\n}\n",
    );
}

#[test]
fn a_statement_stays_what_it_is_when_the_next_one_goes() {
    clean(
        "            should_report = true;\n\n            more_to_do |= answer.more;\n",
        "            should_report = true;\n",
        "            should_report = options.report;\n\n            more_to_do |= answer.more;\n",
        "            should_report = options.report;\n",
    );
    clean(
        "    start();\n    should_report = true;\n\n    more_to_do |= answer.more;\n    finish();\n",
        "    start();\n    should_report = true;\n    finish();\n",
        "    start();\n    should_report = options.report;\n\n    more_to_do |= answer.more;\n    finish();\n",
        "    start();\n    should_report = options.report;\n    finish();\n",
    );
}

#[test]
fn what_both_put_in_stands_once() {
    let base = "fn furl() {\n    let lee = trim(sail5, 2);\n    moor(pier7, 1);\n}\n";
    let furl = |lines: &str| format!("fn furl() {{\n{lines}}}\n");
    let theirs = furl("    let bight = reeve(line9, 2);\n    moor(pier7, 8);\n");
    for own in ["let bight = reeve(line9, 2);", "let bight = reeve(line9, 6);"] {
        for number in [1, 8] {
            let ours = format!("    {own}\n    let lee = trim(sail5, 2);\n    moor(pier7, {number});\n");
            conflicts(base, &furl(&ours), &theirs);
        }
    }
    // What was bound before may be bound again.
    clean(
        "    let bight = reeve(line9, 2);\n    moor(pier7, 1);\n    stow(sail5);\n",
        "    let bight = reeve(line9, 3);\n    moor(pier7, 1);\n    stow(sail5);\n",
        "    let bight = reeve(line9, 2);\n    moor(pier7, 1);\n    let bight = splice(bight);\n    stow(sail5);\n",
        "    let bight = reeve(line9, 3);\n    moor(pier7, 1);\n    let bight = splice(bight);\n    stow(sail5);\n",
    );
}

#[test]
fn what_shares_only_the_changed_value_with_a_line_is_another_line() {
    let base = |line: &str| format!("    {line}\n    if fog > 9 {{\n        ring(bell);\n    }}\n");
    let sound = base("let depth = sound(lead, 3);");
    for other in ["hoist(flag, 3);", "let watch = relieve(crew, 3);", "return hoist(flag, 3) + 1;"] {
        conflicts(&sound, &base(other), &base("let depth = sound(lead, 7);"));
        conflicts(&sound, &base(other), &base("let depth = sound(lead, 3 * FATHOM);"));
    }
    // What stays of it tells, or it had but one name.
    for line in ["let depth = plumb(lead, 3);", "depth = sound(line, 3);", "sound(lead, 3);"] {
        let merged = base(&line.replace('3', "7"));
        clean(&sound, &base(line), &base("let depth = sound(lead, 7);"), &merged);
    }
    clean(
        &base("ring(\"noon\", 3);"),
        &base("toll(\"noon\", 3);"),
        &base("ring(\"noon\", 7);"),
        &base("toll(\"noon\", 7);"),
    );
    clean(&base("ring(3);"), &base("toll(3);"), &base("ring(7);"), &base("toll(7);"));
}

#[test]
fn a_literal_of_one_line_is_one_value() {
    conflicts("rev = \"0.2.1\"\n", "rev = \"0.2.5\"\n", "rev = \"=0.2.1\"\n");
    conflicts("let scale = 1.5;\n", "let scale = 2.5;\n", "let scale = 1.75;\n");
    conflicts("let end = b'a';\n", "let end = b'b';\n", "let end = 'a';\n");
    conflicts(
        "say(\"Be brief and kind.\");\n",
        "say(\"Be short and kind.\");\n",
        "say(\"Be brief and polite.\");\n",
    );
    clean(
        "say(\"brief\", 1.5);\n",
        "say(\"brief\", 2.5);\n",
        "say(\"long\", 1.5);\n",
        "say(\"long\", 2.5);\n",
    );
}

#[test]
fn long_texts_merge_by_words() {
    clean(
        "const P: &str = \"\nYou are a helpful agent. Be brief.\n\";\n",
        "const P: &str = \"\nYou are a useful agent. Be brief.\n\";\n",
        "const P: &str = \"\nYou are a helpful agent. Be verbose.\n\";\n",
        "const P: &str = \"\nYou are a useful agent. Be verbose.\n\";\n",
    );
    clean(
        "# the old limit of 5\nmax = 5\n",
        "# the old limit was 5\nmax = 5\n",
        "# the old limit of 5\nmax = 9\n",
        "# the old limit was 5\nmax = 9\n",
    );
    clean(
        "Some *words* here.\n",
        "Some *words* right here, don't\n",
        "Many *words* here.\n",
        "Many *words* right here, don't\n",
    );
}

#[test]
fn layout_alone_is_applied_or_refused() {
    clean("f(a,  b);\n", "g();\nf(a,  b);\n", "f(a, b);\n", "g();\nf(a, b);\n");
    conflicts("f(a, b);\n", "f(a,\n     b);\n", "f(a,\n  b);\n");
    conflicts("let x = \"a b\";\n", "let x = \"a    b\"; y();\n", "let x = \"a  b\";\n");
}

#[test]
fn a_comment_swallows_nothing() {
    let base = "go(alpha, beta);\n";
    conflicts(
        base,
        "go(alpha, beta); stop();\n",
        "go(alpha, // why\n    beta);\n".replace("\n    ", " ").as_str(),
    );
}

#[test]
fn wrapping_is_no_difference() {
    assert!(same_tokens("f(a, b);", "f(\n    a,\n    b,\n);"));
    assert!(same_tokens("{\n  a\n}", "    {\n      a\n\n    }"));
    assert!(!same_tokens("f(\"a b\")", "f(\"a  b\")"));
    assert!(!same_tokens("(a,)", "(a)"));
    assert!(!same_tokens("// a\nb", "// a b"));
    assert!(!same_tokens("ab", "a b"));
}

#[test]
fn size_is_bounded() {
    let text = |name: &str| (0..2000).map(|n| format!("    {name}({n}, x);\n")).collect::<String>();
    let base = text("call");
    let ours = base.replace("call(7, x)", "call(7, y)").replace("    ", "  ");
    let theirs = base.replace("call(1900, x)", "other(1900, x)");
    clean(&base, &ours, &theirs, &ours.replace("call(1900, x)", "other(1900, x)"));
    conflicts(&base, &text("different"), &theirs);
}

/// Lines of numbered words.
fn lines(size: usize, change: impl Fn(usize) -> String) -> String {
    (0..size).map(|n| format!("{}{}", change(n), if n % 5 == 4 { ";\n" } else { ", " })).collect()
}

fn edit(kind: u8, at: usize, name: &str) -> String {
    match kind {
        0 => format!("{name}{at}"),
        1 => format!("word{at} + {name}{at}"),
        2 => format!("{name}{at} * word{at}"),
        _ => format!("{name}{at}({name}a{at})"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..Default::default() })]

    #[test]
    fn edits_apart_are_both_made(at in 0..40usize, apart in 2..20usize, one in 0..4u8, two in 0..4u8, layout in 0..4u8) {
        let to = (at + apart) % 40;
        prop_assume!(at.abs_diff(to) > 1);
        let word = |n: usize| format!("word{n}");
        let laid = |text: String| match layout {
            1 => text.replace('\n', "\n    "),
            2 => text.replace(", ", ",\n    "),
            3 => text.replace(";\n", "; "),
            _ => text,
        };
        let base = lines(40, word);
        let upstream = |n: usize| if n == at { edit(one, n, "up") } else { word(n) };
        let ours = laid(lines(40, upstream));
        let theirs = lines(40, |n| if n == to { edit(two, n, "patch") } else { word(n) });
        let both = laid(lines(40, |n| if n == to { edit(two, n, "patch") } else { upstream(n) }));
        prop_assert_eq!(merge(&base, &ours, &theirs), Merged::Clean(both.clone()));
        prop_assert_eq!(merge(&base, &both, &theirs), Merged::Unchanged);
    }

    #[test]
    fn edits_of_one_word_conflict(at in 1..39usize, one in 0..4u8, two in 0..4u8) {
        let word = |n: usize| format!("word{n}");
        let side = |kind: u8, name: &str| lines(40, |n| if n == at { edit(kind, n, name) } else { word(n) });
        prop_assume!((one, two) != (1, 2) && (one, two) != (2, 1));
        let merged = merge(&lines(40, word), &side(one, "up"), &side(two, "patch"));
        let refused = matches!(merged, Merged::Conflict { .. });
        prop_assert!(refused);
    }
}

#[test]
fn a_block_that_only_moved_in_or_out_takes_the_whole_change() {
    let base = "        let evening = tide(18);\n        assert_eq!(evening, 6, \"ebb in the evening\");\n";
    let theirs = "        let evening = tide(18);\n        assert_eq!(evening, 6, \"ebb at six\");\n        assert!(evening < 12);\n";
    let out = |text: &str| text.replace("        ", "    ");
    assert_eq!(merge(base, &out(base), theirs), Merged::Clean(out(theirs)));
    assert_eq!(merge(base, &out(theirs), theirs), Merged::Unchanged);
    let into = |text: &str| text.replace("        ", "            ");
    assert_eq!(merge(base, &into(base), theirs), Merged::Clean(into(theirs)));
    // Lines of a literal that stayed where they were are not a block that moved.
    let kept = "    let evening = tide(18);\n        assert_eq!(evening, 6, \"ebb in the evening\");\n";
    assert_ne!(merge(base, kept, theirs), Merged::Clean(out(theirs)));
}

#[test]
fn a_deletion_leaves_nothing_of_what_it_deletes() {
    for ours in [
        "pub(crate) const A: u8 = 1;\n",
        "#[cfg(unix)]\nconst A: u8 = 1;\n",
        "const A: u8 = 1; // of B\n",
        "let _ = const A: u8 = 1;\n",
    ] {
        for theirs in ["", "\n", "// gone\n"] {
            conflicts("const A: u8 = 1;\n", ours, theirs);
            let carried = carry("const A: u8 = 1;\n", ours, theirs);
            assert!(matches!(carried, Merged::Conflict { .. }), "{carried:?}");
        }
    }
    clean("a(1,\n  2);\n", "    a(1, 2);\n", "", "");
}

#[test]
fn what_upstream_put_before_the_first_line_is_left_to_no_other() {
    let (ours, both) = ("pub mod a;\nmod b;\n", "mod a;\nmod b;\n");
    conflicts(both, ours, "mod b;\n");
    conflicts("run(a, 1);\nlog(b);\n", "let _ = run(a, 1);\nlog(b,\n    c);\n", "log(b);\n");
    let merged = merge("mod a;\n", "pub mod a;\n", "mod c;\nmod a;\n");
    assert!(!matches!(&merged, Merged::Clean(text) if text.starts_with("pub mod c")), "{merged:?}");
    let part = merge("async fn a() {}\n", "pub async fn a() {}\n", "fn a() {}\n");
    assert!(matches!(part, Merged::Clean(_)), "no whole line goes: {part:?}");
}

#[test]
fn nothing_is_changed_in_what_was_commented_out() {
    for opener in ["//", "#", "--", ";"] {
        let ours = format!("{opener} limit: 1\n");
        conflicts("limit: 1\n", &ours, "limit: 2\n");
        conflicts("limit: 1\n", &ours.replace('1', "2"), "limit: 2\n");
    }
    clean("// limit(1);\n", "    // limit(1);\n", "// limit(2);\n", "    // limit(2);\n");
}
