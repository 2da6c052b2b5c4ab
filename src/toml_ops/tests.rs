//! Cases: one operation on one text, the result compared byte for byte.

use super::*;
use crate::edit::Edit;
use crate::patch::toml_path::{KeyPath, SectionPath};
use crate::patch::{SectionPlace, TomlOperation, TomlQuery};

pub(super) fn query(section: &str, key: &str) -> TomlQuery {
    TomlQuery {
        section: (!section.is_empty()).then(|| SectionPath::parse(section).unwrap()),
        key: (!key.is_empty()).then(|| KeyPath::parse(key).unwrap()),
    }
}

pub(super) fn found(query: &TomlQuery, op: &TomlOperation, text: &str) -> TomlSites {
    find_sites(query, op, text, &Model::parse(text).unwrap_or_else(|e| panic!("{e} in {text:?}")))
}

pub(super) fn applied(text: &str, sites: &TomlSites) -> String {
    let edits: Vec<Edit> = sites.pending.iter().flat_map(|site| site.edits.clone()).collect();
    Edit::apply_batch(text, &edits).unwrap()
}

/// Applies an operation that must act, checks the result and that nothing is left to do then.
fn acts(section: &str, key: &str, op: &TomlOperation, before: &str, after: &str) {
    let query = query(section, key);
    let sites = found(&query, op, before);
    assert!(!sites.pending.is_empty(), "{section} {key} {op:?}: {sites:?}\n{before}");
    assert_eq!(sites.other_content, None, "{section} {key} {op:?}\n{before}");
    let result = applied(before, &sites);
    assert_eq!(result, after, "{section} {key} {op:?}\n--- before\n{before}\n--- got\n{result}");
    let again = found(&query, op, &result);
    assert!(again.pending.is_empty() && again.other_content.is_none(), "{again:?}\n{result}");
    let delete = matches!(op, TomlOperation::DeleteKey | TomlOperation::DeleteSection);
    assert_eq!(again.absent, delete, "{again:?}\n{result}");
}

fn replace_value(value: &str) -> TomlOperation {
    TomlOperation::ReplaceValue { value: value.to_owned() }
}

fn set_value(value: &str) -> TomlOperation {
    TomlOperation::SetValue { value: value.to_owned() }
}

fn replace_key(new_key: &str) -> TomlOperation {
    TomlOperation::ReplaceKey { new_key: new_key.to_owned() }
}

fn insert(text: &str, place: SectionPlace) -> TomlOperation {
    TomlOperation::InsertSection { text: text.to_owned(), place }
}

fn after(section: &str) -> SectionPlace {
    SectionPlace::After(SectionPath::parse(section).unwrap())
}

fn before(section: &str) -> SectionPlace {
    SectionPlace::Before(SectionPath::parse(section).unwrap())
}

#[test]
fn a_value_is_replaced_and_all_around_it_stays() {
    let cases = [
        ("", "a", "2", "a = 1", "a = 2"),
        ("", "a", "2", "  a=1 # why\n", "  a=2 # why\n"),
        (
            "p.release",
            "lto",
            "\"fat\"",
            "[p.release]\nlto = false  # slow\n",
            "[p.release]\nlto = \"fat\"  # slow\n",
        ),
        ("p", "release.lto", "true", "[p.release]\nlto = false\n", "[p.release]\nlto = true\n"),
        ("p.release", "lto", "true", "[p]\nrelease.lto = false\n", "[p]\nrelease.lto = true\n"),
        ("p.release", "lto", "true", "[p]\nrelease = { lto = false }\n", "[p]\nrelease = { lto = true }\n"),
        ("", "p.release.lto", "true", "p = {release={lto=0}}", "p = {release={lto=true}}"),
        (
            "d",
            "serde.version",
            "'2'",
            "[d]\nserde = { version = \"1\", x = [\"#\"] }",
            "[d]\nserde = { version = '2', x = [\"#\"] }",
        ),
        ("a.b", "k", "2", "[ a . b ]\n\"k\" = 1\n", "[ a . b ]\n\"k\" = 2\n"),
        ("", "m", "1", "m = [\n  1, # ]\n  2,\n]\n[s]\n", "m = 1\n[s]\n"),
        ("", "m", "1", "m = '''\n[s]\nm = 3\n'''\n", "m = 1\n"),
        (
            "s",
            "m",
            "1",
            "a = \"\"\"\n[s]\nm = 3\n\"\"\"\n[s]\nm = 2",
            "a = \"\"\"\n[s]\nm = 3\n\"\"\"\n[s]\nm = 1",
        ),
        ("", "m", "[\n  1,\n]", "m = 0\n", "m = [\n  1,\n]\n"),
        (
            "bin[1]",
            "path",
            "'z'",
            "[[bin]]\npath='x'\n[[bin]]\npath='y'\n",
            "[[bin]]\npath='x'\n[[bin]]\npath='z'\n",
        ),
        (
            "bin[name=\"b\"]",
            "path",
            "'z'",
            "[[bin]]\nname='a'\npath=1\n[[bin]]\npath=2\nname=\"b\"",
            "[[bin]]\nname='a'\npath=1\n[[bin]]\npath='z'\nname=\"b\"",
        ),
        ("bin[1]", "path", "3", "bin = [{path=1}, {path=2}]", "bin = [{path=1}, {path=3}]"),
        (
            "bin[0].sub",
            "k",
            "3",
            "[[bin]]\n[bin.sub]\nk=1\n[[bin]]\n[bin.sub]\nk=2",
            "[[bin]]\n[bin.sub]\nk=3\n[[bin]]\n[bin.sub]\nk=2",
        ),
        (
            "target.\"cfg(unix)\".d",
            "x",
            "2",
            "[target.'cfg(unix)'.d]\nx = 1\n",
            "[target.'cfg(unix)'.d]\nx = 2\n",
        ),
        ("", "bin", "[]", "bin = [{path=1}, {path=2}]", "bin = []"),
    ];
    for (section, key, value, before, after) in cases {
        acts(section, key, &replace_value(value), before, after);
        acts(section, key, &set_value(value), before, after);
    }
}

#[test]
fn the_site_of_a_value_is_the_value() {
    let text = "[a]\nk = 'v' # c\n";
    let site = &found(&query("a", "k"), &replace_value("1"), text).pending[0];
    assert_eq!(&text[site.span.clone()], "'v'");
    let site = &found(&query("a", "k"), &replace_key("l"), text).pending[0];
    assert_eq!(&text[site.span.clone()], "k");
    let site = &found(&query("a", "k"), &TomlOperation::DeleteKey, text).pending[0];
    assert_eq!(&text[site.span.clone()], "k = 'v'");
    let text = "# c\n[a]\nk = 1 # d\n\n[a.b]\nx = 2\n\n[c]\n";
    let site = &found(&query("a", ""), &TomlOperation::DeleteSection, text).pending[0];
    assert_eq!(&text[site.span.clone()], "[a]\nk = 1 # d\n\n[a.b]\nx = 2");
}

#[test]
fn an_equal_value_is_present_whatever_its_formatting() {
    let cases = [
        ("", "a", "0x10", "a = 16"),
        ("", "a", "'x'", "a = \"\\u0078\""),
        ("", "a", "[1,2]", "a = [\n  1,\n  2, # c\n]"),
        ("", "a", "{ x = 1, y = 2 }", "a = { y = 2, x = 1 }"),
        ("", "a", "{ x = 1, y.z = 2 }", "[a]\nx = 1\n[a.y]\nz = 2"),
        ("", "a", "{ x = 1 }", "a.x = 1"),
        ("", "a", "nan", "a = nan"),
    ];
    for (section, key, value, text) in cases {
        for op in [replace_value(value), set_value(value)] {
            let sites = found(&query(section, key), &op, text);
            assert_eq!((sites.pending.len(), sites.present.len()), (0, 1), "{text}: {sites:?}");
        }
    }
    for (value, text) in [("1", "a = 1.0"), ("'1'", "a = 1"), ("[1, 2]", "a = [2, 1]")] {
        assert_eq!(found(&query("", "a"), &replace_value(value), text).pending.len(), 1, "{text}");
    }
}

#[test]
fn a_missing_key_is_added_after_the_last_one() {
    let cases = [
        ("s", "b", "[s]\na = 1\n", "[s]\na = 1\nb = 2\n"),
        ("s", "b", "[s]\na = 1", "[s]\na = 1\nb = 2"),
        ("s", "b", "[s]\n  a = 1 # c\n\n[t]\n", "[s]\n  a = 1 # c\n  b = 2\n\n[t]\n"),
        ("s", "b", "[s] # c\n\n[t]\n", "[s] # c\nb = 2\n\n[t]\n"),
        ("s", "b", "[s]", "[s]\nb = 2"),
        ("s", "b", "[s]\na = [\n  1,\n]\n# end\n", "[s]\na = [\n  1,\n]\nb = 2\n# end\n"),
        ("s", "b.c", "[s]\na = 1\n", "[s]\na = 1\nb.c = 2\n"),
        ("s", "b c", "[s]\n", "[s]\n\"b c\" = 2\n"),
        ("", "b", "", "b = 2\n"),
        ("", "b", "# only\n", "# only\nb = 2\n"),
        ("", "b", "# only", "# only\nb = 2"),
        ("", "b", "a = 1\n\n# own\n[s]\n", "a = 1\nb = 2\n\n# own\n[s]\n"),
        ("", "b", "# own\n[s]\nb = 1\n", "b = 2\n\n# own\n[s]\nb = 1\n"),
        ("", "b", "# licence\n\n[s]\n", "# licence\n\nb = 2\n\n[s]\n"),
        ("d.serde", "b", "[d]\nserde = { v = 1 }\nx = 1\n", "[d]\nserde = { v = 1, b = 2 }\nx = 1\n"),
        ("d", "serde.b", "[d]\nserde = { v = 1 }\n", "[d]\nserde = { v = 1, b = 2 }\n"),
        ("d", "serde.b", "[d]\nserde = {}\n", "[d]\nserde = { b = 2 }\n"),
        ("d", "serde.b", "[d]\nserde = { }\n", "[d]\nserde = { b = 2 }\n"),
        ("d", "serde.b", "[d]\nserde = { v = 1, }\n", "[d]\nserde = { v = 1, b = 2, }\n"),
        ("d", "serde.b", "[d]\nserde = {\n  v = 1, # c\n}\n", "[d]\nserde = {\n  v = 1, # c\n  b = 2,\n}\n"),
        ("d", "serde.b", "[d]\nserde.v = 1\nx = 1\n", "[d]\nserde.v = 1\nserde.b = 2\nx = 1\n"),
        ("d.serde", "b", "[d]\nserde.v = 1\nx = 1\n", "[d]\nserde.v = 1\nserde.b = 2\nx = 1\n"),
        ("d.serde.x", "b", "[d]\nserde = { x.y = 1 }\n", "[d]\nserde = { x.y = 1, x.b = 2 }\n"),
        ("d", "serde.b", "[d.serde]\nv = 1\n[d]\nx = 1", "[d.serde]\nv = 1\nb = 2\n[d]\nx = 1"),
        ("a", "b", "[a.x]\nk = 1\n[a]\n[c]\n", "[a.x]\nk = 1\n[a]\nb = 2\n[c]\n"),
        (
            "bin[name='y']",
            "b",
            "[[bin]]\nname='x'\n[[bin]]\nname='y'\n",
            "[[bin]]\nname='x'\n[[bin]]\nname='y'\nb = 2\n",
        ),
    ];
    for (section, key, before, after) in cases {
        let key = if key.contains(' ') { format!("\"{key}\"") } else { key.to_owned() };
        acts(section, &key, &set_value(" 2 "), before, after);
    }
}

#[test]
fn what_is_missing_is_absent_and_what_is_in_the_way_is_named() {
    let absent = [("s", "k", "[t]\nk = 1"), ("s", "k", "[s.sub]\nk = 1"), ("bin[2]", "k", "[[bin]]\nk=1")];
    for (section, key, text) in absent {
        for op in [replace_value("2"), set_value("2"), replace_key("n"), TomlOperation::DeleteKey] {
            let sites = found(&query(section, key), &op, text);
            assert_eq!(sites, TomlSites { absent: true, ..TomlSites::default() }, "{text}");
        }
    }
    assert!(found(&query("s", "k"), &replace_value("2"), "[s]\nj = 1").absent);
    let in_the_way = [
        ("s", "k", "[s.k]\nx = 1", "[s.k]\nx = 1"),
        ("s", "k.l", "[s]\nk = 1", "k = 1"),
        ("s", "k.l", "[[s.k]]\nx = 1", "[[s.k]]"),
        ("s.k", "x", "[s]\nk = 'v'", "k = 'v'"),
    ];
    for (section, key, text, place) in in_the_way {
        let text = &format!("{text}\n[s.other]\n[z]\n");
        let text = &if text.starts_with("[s]") { text.clone() } else { format!("{text}[s]\n") };
        let sites = found(&query(section, key), &set_value("2"), text);
        let span = sites.other_content.clone().unwrap_or_else(|| panic!("{text}: {sites:?}"));
        assert_eq!(&text[span], place, "{text}");
    }
}

#[test]
fn a_key_is_renamed() {
    acts("s", "a", &replace_key("b"), "[s]\na = 1 # a\n[t]\na = 1\n", "[s]\nb = 1 # a\n[t]\na = 1\n");
    acts("s", "a.x", &replace_key("y"), "[s]\na.x = 1\n", "[s]\na.y = 1\n");
    acts("s.a", "x", &replace_key("'y z'"), "[s]\na = { x = 1 }\n", "[s]\na = { 'y z' = 1 }\n");
    acts("", "\"a b\"", &replace_key("ab"), "\"a b\" = 1\n", "ab = 1\n");
    let sites = found(&query("s", "a"), &replace_key("b"), "[s]\na = 1\nb = 2\n");
    assert_eq!(sites.other_content, Some(10..11));
    assert!(sites.pending.is_empty());
    let sites = found(&query("s", "a"), &replace_key("b"), "[s]\nb = 2\n");
    assert_eq!(sites.present.first(), Some(&(4..5)));
    let sites = found(&query("s", "a"), &replace_key("b"), "[s.a]\n");
    assert_eq!(sites.other_content, Some(0..5));
}

#[test]
fn a_key_is_deleted_with_its_lines() {
    let cases = [
        ("s", "a", "[s]\na = 1 # c\nb = 2\n", "[s]\nb = 2\n"),
        ("s", "a", "[s]\n# above\n  a = [\n 1,\n] # c\n\n[t]\n", "[s]\n# above\n\n[t]\n"),
        ("s", "b", "[s]\na = 1\nb = 2", "[s]\na = 1\n"),
        ("s", "b", "[s]\na = 1\n\nb = 2\n\nc = 3\n", "[s]\na = 1\n\nc = 3\n"),
        ("", "a", "a = 1\n\n[s]\n", "[s]\n"),
        ("", "a", "a = 1", ""),
        ("s", "a", "[s]\na.x = 1\nb = 2\na.y = 1\n", "[s]\nb = 2\n"),
        ("s", "a.x", "[s]\na = { x = 1, y = 2 }\n", "[s]\na = { y = 2 }\n"),
        ("s", "a.y", "[s]\na = { x = 1, y = 2 }\n", "[s]\na = { x = 1 }\n"),
        ("s", "a.y", "[s]\na = { x = 1, y = 2, z = 3 }\n", "[s]\na = { x = 1, z = 3 }\n"),
        ("s", "a.x", "[s]\na = { x = 1 }\n", "[s]\na = {}\n"),
        ("s", "a.x", "[s]\na = { x = 1, }\n", "[s]\na = {}\n"),
        ("s", "a.y", "[s]\na = { x = 1, y = 2, }\n", "[s]\na = { x = 1, }\n"),
        ("s", "a.x", "[s]\na = { x.p = 1, x.q = 2, y = 3 }\n", "[s]\na = { y = 3 }\n"),
        ("s", "a.x", "[s]\na = { y = 3, x.p = 1, x.q = 2 }\n", "[s]\na = { y = 3 }\n"),
        ("s", "a.x", "[s]\na = { x.p = 1, y = 3, x.q = 2 }\n", "[s]\na = { y = 3 }\n"),
        ("s", "a.y", "[s]\na = {\n  x = 1, # x\n  y = 2 # y\n}\n", "[s]\na = {\n  x = 1 # x\n}\n"),
        ("s", "a.y", "[s]\na = {\n  x = 1, # x\n  y = 2, # y\n}\n", "[s]\na = {\n  x = 1, # x\n}\n"),
        ("s", "a.y", "[s]\na = {\n  x = 1,\n  y = 2 }\n", "[s]\na = {\n  x = 1 }\n"),
        ("s", "a.y", "[s]\na = {\n  x = 1, # x\n  y = 2 }\n", "[s]\na = {\n  x = 1 # x\n   }\n"),
        ("s", "a.y", "[s]\na = {\n  x = 1\n  , y = 2\n}\n", "[s]\na = {\n  x = 1\n}\n"),
        ("s", "a.x", "[s]\na = {\n  x = 1 # x\n}\n", "[s]\na = {}\n"),
        (
            "s",
            "a.z",
            "[s]\na = {\n  x = 1,\n\n  y = 2,\n  z = 3\n}\n",
            "[s]\na = {\n  x = 1,\n\n  y = 2\n}\n",
        ),
        ("s", "a.x", "[s]\na = {\n  x.p = 1,\n  y = 2,\n  x.q = 3\n}\n", "[s]\na = {\n  y = 2\n}\n"),
        ("s", "a.x", "[s]\na = {\n  x = 1, # x\n  y = 2\n}\n", "[s]\na = {\n  y = 2\n}\n"),
    ];
    for (section, key, before, after) in cases {
        acts(section, key, &TomlOperation::DeleteKey, before, after);
    }
}

#[test]
fn a_section_is_deleted_with_all_that_is_its_own() {
    let cases = [
        ("b", "[a]\nx = 1\n\n# own\n# too\n[b]\ny = 1\n\n[c]\n", "[a]\nx = 1\n\n[c]\n"),
        ("b", "[a]\n\n# free\n\n[b]\ny = 1\n\n[c]\n", "[a]\n\n# free\n\n[c]\n"),
        ("b", "[a]\n\n[b]\ny = 1\n# last\n\n# free\n\n[c]\n", "[a]\n\n# free\n\n[c]\n"),
        ("b", "[a]\n\n[b]\ny = 1\n# c's\n[c]\n", "[a]\n\n# c's\n[c]\n"),
        ("b", "[a]\n\n\n[b]\n\n\n[c]\n", "[a]\n\n\n[c]\n"),
        ("b", "[a]\n[b]\n[c]\n", "[a]\n[c]\n"),
        ("b", "[a]\n\n[b]\ny = 1", "[a]\n"),
        ("a", "\n[a]\n\n[b]\n", "\n[b]\n"),
        ("a", "[a]\nx = 1\n", ""),
        ("b", "[b]\n[x]\nk = 1\n\n[b.c]\n\n[y]\n[b.c.d]", "[x]\nk = 1\n\n[y]\n"),
        ("b", "[b.c]\n\n[b]\nk = '''\n[x]\n'''\n\n[x]", "[x]"),
        ("b.c", "[b.c]\nk = 1\n\n[b]\nj = 1\n", "[b]\nj = 1\n"),
        ("b", "[ b . c ]\nk = 1\n\n[\"b\"]\n", ""),
        ("bin", "[[bin]]\nn=1\n\n[lib]\n\n[[bin]]\nn=2\n[bin.sub]\n", "[lib]\n"),
        ("bin[n='2']", "[[bin]]\nn='1'\n\n[[bin]]\nn='2'\n[bin.sub]\n\n[x]\n", "[[bin]]\nn='1'\n\n[x]\n"),
        ("bin", "bin = [{n=1}, {n=2}]\nx = 1\n", "x = 1\n"),
        ("bin[n='1']", "bin = [{n='1'}, {n=2}]\n", "bin = [{n=2}]\n"),
        ("bin[1]", "bin = [{n=1}, {n=2}]\n", "bin = [{n=1}]\n"),
        ("bin[1]", "bin = [\n  {n=1},\n  {n=2}\n]\n", "bin = [\n  {n=1}\n]\n"),
        ("bin[1]", "bin = [\n  {n=1},\n  {n=2},\n]\n", "bin = [\n  {n=1},\n]\n"),
        ("bin[n='1']", "bin = [\n  {n='1'},\n  {n='2'}\n]\n", "bin = [\n  {n='2'}\n]\n"),
        ("p.release", "[p]\nrelease.lto = true\nx = 1\nrelease.y = 1\n", "[p]\nx = 1\n"),
        ("d.serde", "[d]\na = 1\nserde = { v = 1 }\nz = 1\n", "[d]\na = 1\nz = 1\n"),
        ("d.serde.f", "[d]\nserde = { v = 1, f = { x = 1 } }\n", "[d]\nserde = { v = 1 }\n"),
        ("p.dev", "[p.dev]\nx = 1\n\n# all\n[p.dev.package.\"*\"]\nopt-level = 1\n\n[l]\n", "[l]\n"),
    ];
    for (section, before, after) in cases {
        acts(section, "", &TomlOperation::DeleteSection, before, after);
    }
    let text = "[[bin]]\nn=1\n\n[lib]\n\n[bin.sub]\n\n[[bin]]\nn=2\n[bin.sub]\n";
    let sites = found(&query("bin[0]", ""), &TomlOperation::DeleteSection, text);
    assert_eq!(applied(text, &sites), "[lib]\n\n[[bin]]\nn=2\n[bin.sub]\n");
    let sites = found(&query("a.b", ""), &TomlOperation::DeleteSection, "[a]\nb = 1");
    assert_eq!(sites.other_content, Some(4..9));
    assert!(found(&query("x", ""), &TomlOperation::DeleteSection, "[a]\n").absent);
    let several = found(&query("a.b", ""), &TomlOperation::DeleteSection, "[[a]]\n[a.b]\n[[a]]\n[a.b]\n");
    assert_eq!(several.pending.len(), 2);
}

#[test]
fn a_section_is_inserted_with_one_blank_line_around() {
    let new = "[n]\nk = 1\n";
    let cases = [
        (new, SectionPlace::End, "", "[n]\nk = 1\n"),
        (new, SectionPlace::End, "\n\n", "[n]\nk = 1\n"),
        (new, SectionPlace::End, "[a]", "[a]\n\n[n]\nk = 1"),
        ("\n\n[n]\nk = 1\n\n\n", SectionPlace::End, "[a]\n", "[a]\n\n[n]\nk = 1\n"),
        ("[n]\nk = 1", SectionPlace::End, "[a]\n\n", "[a]\n\n[n]\nk = 1\n"),
        (new, SectionPlace::End, "# ß", "# ß\n\n[n]\nk = 1"),
        (new, SectionPlace::End, "# only\n", "# only\n\n[n]\nk = 1\n"),
        (new, SectionPlace::End, "[a]\n\n\n# end", "[a]\n\n\n# end\n\n[n]\nk = 1"),
        (new, SectionPlace::Beginning, "", "[n]\nk = 1\n"),
        (new, SectionPlace::Beginning, "x = 1\n# own\n[a]\n", "x = 1\n\n[n]\nk = 1\n\n# own\n[a]\n"),
        (new, SectionPlace::Beginning, "[a]\n", "[n]\nk = 1\n\n[a]\n"),
        (new, SectionPlace::Beginning, "# licence\n\n[a]\n", "# licence\n\n[n]\nk = 1\n\n[a]\n"),
        (new, SectionPlace::Beginning, "x = 1\n", "x = 1\n\n[n]\nk = 1\n"),
        (new, after("a"), "[a]\nx = 1\n\n[b]\n", "[a]\nx = 1\n\n[n]\nk = 1\n\n[b]\n"),
        (new, after("a"), "[a]\nx = 1\n[b]\n", "[a]\nx = 1\n\n[n]\nk = 1\n\n[b]\n"),
        (new, after("a"), "[a]\nx = 1\n\n\n\n[b]\n", "[a]\nx = 1\n\n[n]\nk = 1\n\n[b]\n"),
        (
            new,
            after("a"),
            "[a]\n[b]\n[a.c]\ny = 1\n# y\n\n# free\n[d]\n",
            "[a]\n[b]\n[a.c]\ny = 1\n# y\n\n[n]\nk = 1\n\n# free\n[d]\n",
        ),
        (new, after("a.b"), "[a]\nb = { x = 1 }\nz = 1\n", "[a]\nb = { x = 1 }\nz = 1\n\n[n]\nk = 1\n"),
        (new, after("a"), "a.x = 1\nb = 1\n\n[c]\n", "a.x = 1\nb = 1\n\n[n]\nk = 1\n\n[c]\n"),
        (new, after("bin"), "[[bin]]\n[[bin]]\n[c]\n", "[[bin]]\n[[bin]]\n\n[n]\nk = 1\n\n[c]\n"),
        (new, after("bin[0]"), "[[bin]]\n\n[[bin]]\n", "[[bin]]\n\n[n]\nk = 1\n\n[[bin]]\n"),
        (new, before("b"), "[a]\n\n# own\n[b]\n", "[a]\n\n[n]\nk = 1\n\n# own\n[b]\n"),
        (new, before("a"), "# own\n[a]\n", "[n]\nk = 1\n\n# own\n[a]\n"),
        (new, before("a"), "x = 1\na.y = 1\n\n[b]\n", "x = 1\na.y = 1\n\n[n]\nk = 1\n\n[b]\n"),
        (new, before("b.c"), "[a]\n[b]\nc.d = 1\n", "[a]\n\n[n]\nk = 1\n\n[b]\nc.d = 1\n"),
        ("# n\n[n]\n[n.m]\nz = 1", SectionPlace::End, "[a]", "[a]\n\n# n\n[n]\n[n.m]\nz = 1"),
        ("[a]\nx = 1", SectionPlace::End, "[a.b]\ny = 1\n", "[a.b]\ny = 1\n\n[a]\nx = 1\n"),
        ("[[bin]]\nn = 2", SectionPlace::End, "[[bin]]\nn = 1\n", "[[bin]]\nn = 1\n\n[[bin]]\nn = 2\n"),
        ("[a.c]\nx = 1", SectionPlace::End, "[a]\nb = 1\n", "[a]\nb = 1\n\n[a.c]\nx = 1\n"),
        (
            "[[bin]]\nn=0",
            after("lib"),
            "[[bin]]\n[lib]\n[bin.sub]\n[z]\n",
            "[[bin]]\n[lib]\n[bin.sub]\n\n[[bin]]\nn=0\n\n[z]\n",
        ),
    ];
    for (text, place, before, after) in cases {
        acts("", "", &insert(text, place), before, after);
    }
    acts(
        "bin[n='y']",
        "",
        &insert("[[bin]]\nn = 'y'", SectionPlace::End),
        "[[bin]]\nn='x'",
        "[[bin]]\nn='x'\n\n[[bin]]\nn = 'y'",
    );
    acts(
        "p.zack",
        "",
        &insert("[p.zack]\nx = 1", after("p.release")),
        "[p.release]\n[q]\n",
        "[p.release]\n\n[p.zack]\nx = 1\n\n[q]\n",
    );
    acts("p", "", &insert("[p.zack]\nx = 1", SectionPlace::End), "[p.dev]\n", "[p.dev]\n\n[p.zack]\nx = 1\n");
}

#[test]
fn a_section_that_is_there_is_equal_or_not() {
    let equal = [
        ("[a]\nx = 1", "[a]\n# c\nx = 0x1 # d\n", "[a]\n# c\nx = 0x1"),
        (
            "[a]\nx = 1\ny = 2",
            "[z]\n[a]\ny = 2\nx = 1\n[a.other]\nk = 1\n[c]",
            "[a]\ny = 2\nx = 1\n[a.other]\nk = 1",
        ),
        ("[a]\nx = 1\n[a.b]\ny = 2", "[a.b]\ny = 2\n[a]\nx = 1", "[a.b]\ny = 2\n[a]\nx = 1"),
        ("[a]\nx = 1", "a = { x = 1 }", "a = { x = 1 }"),
        ("[a.b]\nx = 1", "[a]\nb.x = 1", "b.x = 1"),
        ("[[bin]]\nn = 2", "[[bin]]\nn = 1\n[[bin]]\nn = 2", "[[bin]]\nn = 2"),
        ("[[bin]]\nn = 2\n[bin.s]\nk = 1", "[[bin]]\nn = 2\ns = { k = 1 }", "[[bin]]\nn = 2\ns = { k = 1 }"),
    ];
    for (new, text, place) in equal {
        let sites = found(&query("", ""), &insert(new, SectionPlace::End), text);
        assert_eq!(sites.present.len(), 1, "{text}: {sites:?}");
        assert_eq!(&text[sites.present[0].clone()], place);
        assert!(sites.pending.is_empty() && sites.other_content.is_none());
    }
    let other = [
        ("", "[a]\nx = 1", "[a]\nx = 2"),
        ("", "[a]\nx = 1", "[a]\nx = 1\ny = 1"),
        ("", "[a]\nx = 1", "a = 1"),
        ("", "[a.b]\nx = 1", "a = 1"),
        ("", "[a.b]\nx = 1", "a = { c = 1 }"),
        ("", "[a]\nx = 1\n[b]\ny = 1", "[b]\ny = 1"),
        ("", "[a]\nx = 1\n[a.b]\ny = 1", "[a]\nx = 1"),
        ("", "[[bin]]\nn = 1", "bin = [{ n = 2 }]"),
        ("", "[[bin]]\nn = 1", "[bin]\nn = 2"),
        ("bin[n='x']", "[[bin]]\nn = 'x'\np = 1", "[[bin]]\nn = 'x'\np = 2"),
        ("p", "[p.zack]\nx = 1", "[p]\nz = 1"),
    ];
    for (section, new, text) in other {
        let sites = found(&query(section, ""), &insert(new, SectionPlace::End), text);
        assert!(sites.other_content.is_some() && sites.pending.is_empty(), "{new} in {text}: {sites:?}");
    }
}

#[test]
fn a_missing_neighbour_is_named() {
    for place in [after("p.release"), before("p.release")] {
        let sites = found(&query("", ""), &insert("[n]\n", place), "[p]\nrelease = 1\n");
        assert_eq!(sites.missing_neighbour.as_deref(), Some("p.release"));
        assert!(sites.pending.is_empty() && !sites.absent);
    }
}

#[test]
fn the_text_of_a_section_is_checked() {
    assert_eq!(check_section_text("# c\n[a]\nx = 1"), Ok(()));
    assert_eq!(check_section_text("x = 1\n[a]").unwrap_err().offset, 0);
    assert!(check_section_text("# c").unwrap_err().message.contains("no section header"));
    assert_eq!(check_section_text("[a]\nx = ").unwrap_err().offset, 8);
}

#[test]
fn the_nearest_name_is_told() {
    let text = "[profile.release]\nopt-level = 3\n[dependencies]\nserde = { version = '1' }\n";
    let model = Model::parse(text).unwrap();
    let near = |section, key| {
        suggestion(&query(section, key), &model, text).map(|(offset, name)| format!("{offset} {name}"))
    };
    assert_eq!(near("profile.relase", "").as_deref(), Some("0 profile.release"));
    assert_eq!(near("dependencis", "x").as_deref(), Some("32 dependencies"));
    assert_eq!(near("dependencies.serd", "version").as_deref(), Some("47 dependencies.serde"));
    assert_eq!(near("profile.release", "opt-lvl").as_deref(), Some("18 opt-level"));
    assert_eq!(near("dependencies", "serde.versoin").as_deref(), Some("57 serde.version"));
    assert_eq!(near("zzz", ""), None);
}

#[test]
fn a_mistake_has_its_place() {
    for (text, offset) in [("a = 1\na = 2\n", 6), ("[a]\nb = \n", 8), ("x", 1)] {
        assert_eq!(Model::parse(text).unwrap_err().offset, offset, "{text}");
    }
}

/// A workspace manifest of the kind that patches are written for.
const WORKSPACE: &str = r#"[workspace]
members = [
    "core", # [not-a-section]
    "cli",
]
resolver = "2"

[workspace.package]
version = "0.0.0"
edition = "2024"

# Internal
[workspace.dependencies]
app-core = { path = "core" }
# External
serde = { version = "1", features = ["derive"] }
tokio = "1"

[workspace.lints]
rust = {}

[workspace.lints.clippy]
unwrap_used = "deny"

[profile.release]
lto = "fat"
# Because we bundle some of these executables with the npm, we strip everything.
strip = "symbols"

# See https://example.org/issues/1
codegen-units = 1

[profile.ci-test]
debug = 1
inherits = "test"

[patch.crates-io]
# ratatui = { path = "../../ratatui" }
crossterm = { git = "https://example.org/crossterm", branch = "x" }
"#;

fn swapped(old: &str, new: &str) -> String {
    assert_eq!(WORKSPACE.matches(old).count(), 1, "{old}");
    WORKSPACE.replace(old, new)
}

#[test]
fn a_workspace_manifest_is_patched() {
    let zack = "[profile.zack]\ninherits = \"release\"\nlto = \"thin\"\n";
    acts(
        "profile.zack",
        "",
        &insert(zack, after("profile.release")),
        WORKSPACE,
        &swapped("codegen-units = 1\n", &format!("codegen-units = 1\n\n{zack}")),
    );
    acts("profile.release", "", &TomlOperation::DeleteSection, WORKSPACE, &{
        let start = WORKSPACE.find("[profile.release]").unwrap();
        let end = WORKSPACE.find("[profile.ci-test]").unwrap();
        [&WORKSPACE[..start], &WORKSPACE[end..]].concat()
    });
    acts("profile.release", "strip", &set_value("false"), WORKSPACE, &swapped("\"symbols\"", "false"));
    acts(
        "profile.release",
        "debug",
        &set_value("1"),
        WORKSPACE,
        &swapped("codegen-units = 1\n", "codegen-units = 1\ndebug = 1\n"),
    );
    let serde = "serde = { version = \"1\", features = [\"derive\"] }";
    let with_rc = swapped(serde, "serde = { version = \"1\", features = [\"derive\", \"rc\"] }");
    let value = "[\"derive\", \"rc\"]";
    acts("workspace.dependencies", "serde.features", &replace_value(value), WORKSPACE, &with_rc);
    acts("workspace.dependencies.serde", "features", &replace_value(value), WORKSPACE, &with_rc);
    acts(
        "workspace.dependencies",
        "serde",
        &TomlOperation::DeleteKey,
        WORKSPACE,
        &swapped(&format!("{serde}\n"), ""),
    );
    acts("patch.crates-io", "", &TomlOperation::DeleteSection, WORKSPACE, &{
        WORKSPACE[..WORKSPACE.find("\n[patch").unwrap()].to_owned()
    });
    let lints = WORKSPACE.find("[workspace.lints]").unwrap()..WORKSPACE.find("[profile.release]").unwrap();
    acts("workspace.lints", "", &TomlOperation::DeleteSection, WORKSPACE, &{
        [&WORKSPACE[..lints.start], &WORKSPACE[lints.end..]].concat()
    });
}
