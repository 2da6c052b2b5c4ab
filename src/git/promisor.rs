//! What a partial clone left out is fetched, where nothing of the tree's decides what a fetch starts.
//!
//! Git would fetch by itself, from the remote that promised the rest, and the configuration of the repository says how:
//! through which program, proxy or helper. So git may not (`command.rs`), and the fetch is made here: in one call for
//! all that a question lacks, and only if the repository's own configuration holds nothing but what is known to start
//! nothing ([`Entry::is_harmless`]). What is not known is not trusted. The user's own configuration is.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::GitError;
use super::command::Git;
use super::errors::said_last;
use crate::outcome::printable;

/// So long a fetch may take.
const LONGEST: Duration = Duration::from_secs(120);
/// So often it is looked whether it has ended.
const PAUSE: Duration = Duration::from_millis(10);

/// Where configuration comes from that is the user's, or this tool's own.
const TRUSTED: [&str; 3] = ["system", "global", "command"];

/// Sections of which a fetch of objects starts nothing, whatever they hold.
const SECTIONS: [&str; 10] =
    ["advice", "branch", "color", "commit", "gui", "log", "pull", "push", "rebase", "user"];

/// As those, of keys in other sections. Two of `core` name programs that `command.rs` switches off for each call.
const KEYS: [(&str, &[&str]); 4] = [
    (
        "core",
        &[
            "abbrev",
            "autocrlf",
            "bare",
            "checkstat",
            "commitgraph",
            "eol",
            "filemode",
            "fsmonitor",
            "hookspath",
            "ignorecase",
            "logallrefupdates",
            "longpaths",
            "multipackindex",
            "precomposeunicode",
            "preloadindex",
            "protecthfs",
            "protectntfs",
            "quotepath",
            "repositoryformatversion",
            "safecrlf",
            "sparsecheckout",
            "sparsecheckoutcone",
            "symlinks",
            "trustctime",
            "untrackedcache",
        ],
    ),
    ("extensions", &["objectformat", "partialclone", "refstorage", "worktreeconfig"]),
    (
        "remote",
        &[
            "fetch",
            "mirror",
            "partialclonefilter",
            "promisor",
            "prune",
            "prunetags",
            "pushurl",
            "tagopt",
            "url",
        ],
    ),
    ("submodule", &["active", "url"]),
];

/// The protocol of an address, and those that git may use for it. A server can lead from `http` to `https`.
const PROTOCOLS: [(&str, &str); 3] = [("https://", "https"), ("http://", "http:https"), ("file://", "file")];

/// Why what is missing did not come. Each but the first is of a partial clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unfetched {
    /// No remote promised it.
    NoPromisor,
    /// The repository has what could start a program: a predicate.
    NotPlain(String),
    /// From such an address nothing is fetched.
    Address(String),
    /// Git fetched nothing, and said this.
    Failed(String),
}

impl Unfetched {
    /// The error of whoever asked for the content of `path`, or for more than one.
    pub(super) fn of(self, path: Option<&str>) -> GitError {
        let path = path.map(str::to_owned);
        let why = match self {
            Self::NoPromisor => {
                return path.map_or(GitError::LeftOut { path: None, why: None }, |path| {
                    GitError::MissingObject { path }
                });
            }
            Self::NotPlain(what) => format!("codex-patcher fetches nothing, because the repository {what}"),
            Self::Address(url) => format!("codex-patcher fetches nothing from `{url}`"),
            Self::Failed(said) => format!("fetching it failed: {said}"),
        };
        GitError::LeftOut { path, why: Some(why) }
    }
}

/// Fetches the objects called `hashes`.
///
/// One that fails is the last one of a process for this `root`: a remote that is out of reach is not waited for again.
pub(super) fn fetch(root: &Path, hashes: &[&str]) -> Result<(), Unfetched> {
    if hashes.is_empty() {
        // Git would take that for all that the remote has.
        return Ok(());
    }
    static FAILED: Mutex<BTreeMap<PathBuf, Unfetched>> = Mutex::new(BTreeMap::new());
    // Held all the time: who lacks the same waits.
    let mut failed = FAILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(failure) = failed.get(root) {
        return Err(failure.clone());
    }
    Promisor::of(root).and_then(|promisor| promisor.fetch(root, hashes)).inspect_err(|failure| {
        failed.insert(root.to_owned(), failure.clone());
    })
}

/// The remote that promised what is not there, and what its address allows.
#[derive(Debug, PartialEq, Eq)]
struct Promisor {
    name: String,
    protocols: &'static str,
}

impl Promisor {
    fn of(root: &Path) -> Result<Self, Unfetched> {
        let failed = |error: GitError| Unfetched::Failed(error.to_string());
        let git = Git::new(root, "config");
        let listing = git.answer(&["--list", "-z", "--show-scope"]).map_err(failed)?;
        // A remote whose name is not UTF-8 is not fetched from, and other bytes do not matter.
        let listing = String::from_utf8_lossy(&listing);
        let entries = entries(&listing).ok_or_else(|| Unfetched::Failed(git.unexpected().to_string()))?;
        let promisor = promisor(&entries)?;
        // Git starts itself in the repositories from which this one borrows objects, each with its configuration.
        let git = Git::new(root, "rev-parse");
        let path = git.answer(&["--git-path", "objects/info/alternates"]).map_err(failed)?;
        let path = root.join(String::from_utf8_lossy(&path).trim_end_matches(['\r', '\n']));
        match path.symlink_metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(promisor),
            _ => Err(Unfetched::NotPlain("borrows objects (`objects/info/alternates`)".to_owned())),
        }
    }

    fn fetch(&self, root: &Path, hashes: &[&str]) -> Result<(), Unfetched> {
        let git = Git::fetching(root, self.protocols);
        let arguments = ["--end-of-options", &self.name];
        let mut child =
            git.spawn(&arguments, Stdio::piped()).map_err(|error| Unfetched::Failed(error.to_string()))?;
        let request: String = hashes.iter().map(|hash| format!("{hash}\n")).collect();
        let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
        let (tell, told) = mpsc::channel();
        // Neither is waited for: what git started can hold the pipes longer than git lives.
        thread::spawn(move || stdin.map(|mut pipe| pipe.write_all(request.as_bytes())));
        thread::spawn(move || {
            let mut said = Vec::new();
            stderr.map(|mut pipe| pipe.read_to_end(&mut said));
            tell.send(said)
        });
        match wait(&mut child) {
            Some(status) if status.success() => Ok(()),
            Some(_) => Err(Unfetched::Failed(said_last(&told.recv_timeout(PAUSE * 100).unwrap_or_default()))),
            None => Err(Unfetched::Failed(format!("no answer in {} seconds", LONGEST.as_secs()))),
        }
    }
}

/// How it ended; `None` if it did not in time, or cannot be waited for.
fn wait(child: &mut Child) -> Option<ExitStatus> {
    let end = Instant::now() + LONGEST;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < end => thread::sleep(PAUSE),
            _ => break,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

/// One value of the configuration.
#[derive(Debug)]
struct Entry<'l> {
    scope: &'l str,
    /// As git spells it: the section and the key in lower case.
    full: &'l str,
    section: &'l str,
    name: Option<&'l str>,
    key: &'l str,
    /// `None` where there is no `=`, which means true.
    value: Option<&'l str>,
}

impl<'l> Entry<'l> {
    fn of(scope: &'l str, entry: &'l str) -> Option<Self> {
        let (full, value) = match entry.split_once('\n') {
            Some((full, value)) => (full, Some(value)),
            None => (entry, None),
        };
        let (head, key) = full.rsplit_once('.')?;
        let (section, name) = match head.split_once('.') {
            Some((section, name)) => (section, Some(name)),
            None => (head, None),
        };
        Some(Self { scope, full, section, name, key, value })
    }

    fn is_of_remote(&self, name: &str) -> bool {
        self.section == "remote" && self.name == Some(name)
    }

    /// The remote that this makes a promisor.
    fn promisor(&self) -> Option<&'l str> {
        match (self.section, self.key) {
            ("extensions", "partialclone") => self.value,
            ("remote", "promisor") => {
                let value = self.value.unwrap_or("true").to_lowercase();
                self.name.filter(|_| !["false", "no", "off", "0", ""].contains(&value.as_str()))
            }
            _ => None,
        }
    }

    /// Whether it is known that a fetch starts nothing because of it.
    fn is_harmless(&self) -> bool {
        let has_key =
            |(section, keys): &(&str, &[&str])| *section == self.section && keys.contains(&self.key);
        SECTIONS.contains(&self.section) || KEYS.iter().any(has_key)
    }
}

/// What `config --list -z --show-scope` lists.
fn entries(listing: &str) -> Option<Vec<Entry<'_>>> {
    let mut fields = listing.split_terminator('\0');
    std::iter::from_fn(|| fields.next().map(|scope| Entry::of(scope, fields.next()?))).collect()
}

/// The one remote that promised what is not there, if nothing that a fetch from it reads could start a program.
fn promisor(entries: &[Entry<'_>]) -> Result<Promisor, Unfetched> {
    let promisors: BTreeSet<&str> = entries.iter().filter_map(Entry::promisor).collect();
    let names: Vec<&str> = promisors.into_iter().collect();
    let name = match names.as_slice() {
        [] => return Err(Unfetched::NoPromisor),
        [name] => *name,
        _ => return Err(Unfetched::NotPlain("has more than one remote to fetch from".to_owned())),
    };
    let may_be = |c: char| c.is_ascii_alphanumeric() || "._-/".contains(c);
    if !name.chars().all(may_be) || !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Err(Unfetched::NotPlain(format!("calls a remote `{}`", printable(name))));
    }
    let is_trusted = |entry: &&Entry<'_>| TRUSTED.contains(&entry.scope) && !entry.is_of_remote(name);
    if let Some(entry) = entries.iter().find(|entry| !is_trusted(entry) && !entry.is_harmless()) {
        return Err(Unfetched::NotPlain(format!("has `{}`", printable(entry.full))));
    }
    let urls: Vec<&str> = entries
        .iter()
        .filter(|entry| entry.is_of_remote(name) && entry.key == "url")
        .map(|entry| entry.value.unwrap_or_default())
        .collect();
    let &[url] = urls.as_slice() else {
        return Err(Unfetched::NotPlain(format!("has not one `remote.{name}.url`")));
    };
    let protocols = protocols(url).ok_or_else(|| Unfetched::Address(printable(url)))?;
    Ok(Promisor { name: name.to_owned(), protocols })
}

/// The protocols for `url`; `None` if nothing is fetched from there.
fn protocols(url: &str) -> Option<&'static str> {
    if url.contains(char::is_control) {
        return None;
    }
    let of_scheme = PROTOCOLS.iter().find(|(scheme, _)| url.starts_with(scheme));
    of_scheme.map(|(_, protocols)| *protocols).or_else(|| Path::new(url).is_absolute().then_some("file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: [&str; 7] = [
        "core.repositoryformatversion\n1",
        "core.bare\nfalse",
        "extensions.partialclone\norigin",
        "remote.origin.url\nhttps://example.org/x",
        "remote.origin.fetch\n+refs/heads/*:refs/remotes/origin/*",
        "remote.origin.partialclonefilter\nblob:none",
        "branch.main.merge\nrefs/heads/main",
    ];

    fn decided(scope: &str, more: &[&str]) -> Result<Promisor, Unfetched> {
        let more = more.iter().map(|entry| format!("{scope}\0{entry}\0"));
        let listing: String = PLAIN.iter().map(|entry| format!("local\0{entry}\0")).chain(more).collect();
        promisor(&entries(&listing).unwrap())
    }

    #[test]
    fn a_plain_configuration_is_fetched_with() {
        let origin = Ok(Promisor { name: "origin".to_owned(), protocols: "https" });
        let harmless =
            ["remote.origin.promisor", "core.hookspath\n.husky", "user.name\na.b", "remote.b.url\ngit@b:x"];
        assert_eq!(decided("local", &harmless), origin);
        // The user's own.
        assert_eq!(decided("global", &["core.sshcommand\nx", "url.a.insteadof\nb", "http.proxy\nx"]), origin);
        assert_eq!(promisor(&entries("local\0core.bare\nfalse\0").unwrap()), Err(Unfetched::NoPromisor));
    }

    #[test]
    fn what_is_not_known_to_be_harmless_is_not_fetched_with() {
        for entry in [
            "core.sshcommand\nx",
            "core.gitproxy\nx",
            "core.askpass\nx",
            "core.alternaterefscommand\nx",
            "core.worktree\n/x",
            "credential.helper\nx",
            "credential.https://example.org.helper\nx",
            "fetch.bundleuri\nx",
            "gc.recentobjectshook\nx",
            "http.proxy\nx",
            "http.https://example.org.sslkey\nx",
            "include.path\nx",
            "includeif.onbranch:x.path\nx",
            "protocol.allow\nalways",
            "remote.origin.proxy\nx",
            "remote.origin.uploadpack\nx",
            "remote.origin.vcs\nx",
            "remote.origin.url\nhttps://example.org/y",
            "remote.other.promisor\ntrue",
            "remotes.origin\nother",
            "url.x.insteadof\nhttps://example.org/",
            "url.x.pushinsteadof\nhttps://example.org/",
            "unheard.of\nx",
        ] {
            for scope in ["local", "worktree", "unknown"] {
                let said = decided(scope, &[entry]);
                assert!(matches!(said, Err(Unfetched::NotPlain(_))), "{scope} {entry}: {said:?}");
            }
        }
        let said = decided("global", &["remote.origin.uploadpack\nx"]);
        assert!(matches!(said, Err(Unfetched::NotPlain(_))), "{said:?}");
        for name in ["-x", "ext::x", "a b", "../x", "a\u{1b}"] {
            let listing = format!("local\0extensions.partialclone\n{name}\0local\0remote.{name}.url\n/x\0");
            let said = promisor(&entries(&listing).unwrap());
            assert!(matches!(&said, Err(Unfetched::NotPlain(what)) if !what.contains('\u{1b}')), "{said:?}");
        }
    }

    #[test]
    fn some_addresses_are_fetched_from() {
        for (url, expected) in [
            ("https://example.org/x", Some("https")),
            ("http://example.org/x", Some("http:https")),
            ("file:///x", Some("file")),
            ("https:x", None),
            ("HTTPS://x", None),
            ("ssh://example.org/x", None),
            ("git://example.org/x", None),
            ("git@example.org:x", None),
            ("ext::x", None),
            ("https::x", None),
            ("../x", None),
            ("-x", None),
            ("", None),
            ("https://example.org/\nx", None),
        ] {
            assert_eq!(protocols(url), expected, "{url:?}");
        }
        if cfg!(unix) {
            assert_eq!(protocols("/x:y"), Some("file"));
        }
    }
}
