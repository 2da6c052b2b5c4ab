//! The one unified diff: what `--diff` prints and `git apply` takes. Pure.
//!
//! Headers are the traditional two lines, without `diff --git`: so git takes paths relative to the
//! directory it runs in, which may be a workspace inside a larger repository. `diffy` prints the hunks, since it marks a missing
//! newline at the end of a file as git does; its own headers leave file names unquoted.

/// The unified diff of one target, empty if nothing changed. `path` is relative to the workspace.
pub fn unified(path: &str, before: &str, after: &str) -> String {
    if before == after {
        return String::new();
    }
    let text = diffy::create_patch(before, after).to_string();
    let hunks = text.find("@@ ").map_or("", |at| &text[at..]);
    format!("--- {}\n+++ {}\n{hunks}", header("a", path), header("b", path))
}

/// A file name as git writes it: quoted if it has characters that a header cannot hold, with a tab behind if it has spaces.
fn header(side: &str, path: &str) -> String {
    let special = |c: char| c == '"' || c == '\\' || c.is_control() || !c.is_ascii();
    if path.contains(special) {
        let escaped: String = path.bytes().map(escaped).collect();
        return format!("\"{side}/{escaped}\"");
    }
    let tab = if path.contains(' ') { "\t" } else { "" };
    format!("{side}/{path}{tab}")
}

fn escaped(byte: u8) -> String {
    match byte {
        b'"' => "\\\"".to_owned(),
        b'\\' => "\\\\".to_owned(),
        b'\n' => "\\n".to_owned(),
        b'\t' => "\\t".to_owned(),
        0x20..=0x7e => char::from(byte).to_string(),
        _ => format!("\\{byte:03o}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_newline_and_crlf_are_in_it() {
        let diff = unified("a.rs", "one\r\ntwo", "one\r\n2");
        assert_eq!(
            diff,
            "--- a/a.rs\n+++ b/a.rs\n@@ -1,2 +1,2 @@\n one\r\n-two\n\\ No newline at end of file\n+2\n\\ No newline at end of file\n"
        );
        assert_eq!(unified("a.rs", "same", "same"), "");
    }

    #[test]
    fn names_are_written_as_git_writes_them() {
        assert_eq!(header("a", "src/a b.rs"), "a/src/a b.rs\t");
        assert_eq!(header("b", "é\".rs"), "\"b/\\303\\251\\\".rs\"");
    }
}
