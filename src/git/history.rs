//! Where a text went, as git's history tells it.
//!
//! What git cannot tell (no repository, a shallow clone, a text that was never in it) is unknown, never an error:
//! history is one kind of evidence, and there is another.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::command::Git;
use super::{Blob, GitError, Listed, promisor, read_listed, read_many};
use crate::drift::trail::{Commit, FileChange, History, LastHeld, Loss};
use crate::outcome::printable;

/// The newest commits that changed how often a text stands in a file, as many as are looked at.
const NEWEST: &str = "--max-count=32";
/// So many contents of one file are looked at.
const VERSIONS: &str = "--max-count=256";
const MOST_VERSIONS: usize = 256;
/// So many of them are read together.
const AT_ONCE: usize = 8;
/// So many renames of a file are followed.
const MOST_RENAMES: usize = 16;
/// Arguments may be no longer than this on every platform.
const LONGEST: usize = 96 * 1024;
/// Larger files are no source code.
const LARGEST: usize = 4 << 20;

/// Which commits are asked, and what a merge among them is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Along {
    /// All that made a file what it is, as git simplifies its history. A merge is compared with all of its parents: what it
    /// changed is what differs from each of them.
    AllParents,
    /// The newest commit, its first parent, and so on: each is the change from the one before. So a merge that drops what
    /// its first parent had is seen, where git follows the other parent alone.
    FirstParents,
}

impl Along {
    fn options(self) -> &'static [&'static str] {
        match self {
            Self::AllParents => &["--diff-merges=combined"],
            Self::FirstParents => &["--first-parent", "--diff-merges=first-parent"],
        }
    }
}

/// A commit and its parents, in full hexadecimal.
struct Changed {
    commit: Commit,
    parents: Vec<String>,
}

/// A content of a path, and the commit that put it there; none where it took the file away.
type Version = (Commit, Option<Listed>);

/// What commits changed, by commit, and the kind that is unlikely.
type Changes = BTreeMap<(String, &'static str), Arc<Vec<FileChange>>>;

/// The newest first.
type Versions = Arc<Vec<Version>>;

/// The history of one commit, as seen from a folder inside the repository.
#[derive(Debug)]
pub(crate) struct GitHistory {
    root: PathBuf,
    commit: String,
    changes: Mutex<Changes>,
    versions: Mutex<BTreeMap<(String, Along), Versions>>,
    /// By hash; `None` of what is no text.
    texts: Mutex<BTreeMap<String, Option<Arc<str>>>>,
    is_cut_off: OnceLock<bool>,
    gaps: Mutex<BTreeSet<String>>,
}

impl GitHistory {
    /// The history of `commit`, in full hexadecimal; paths are relative to `root`.
    pub(crate) fn new(root: &Path, commit: &str) -> Self {
        Self {
            root: root.to_owned(),
            commit: commit.to_owned(),
            changes: Mutex::default(),
            versions: Mutex::default(),
            texts: Mutex::default(),
            is_cut_off: OnceLock::new(),
            gaps: Mutex::default(),
        }
    }

    fn git(&self, command: &'static str) -> Git<'_> {
        Git::new(&self.root, command)
    }

    /// The commits that changed how often `needle` stands in `path`, newest first.
    fn touching(&self, path: &str, needle: &str, along: Along) -> Vec<Changed> {
        let pickaxe = format!("-S{needle}");
        self.commits(along, &[NEWEST, &pickaxe], path)
    }

    /// The commits that git finds with `conditions` on `path`, newest first.
    fn commits(&self, along: Along, conditions: &[&str], path: &str) -> Vec<Changed> {
        let format = ["--format=%H%x00%cs%x00%P%x00%s", "--no-patch", "--no-renames"];
        let until = ["--end-of-options", &self.commit, "--", path];
        let arguments = [&format[..], along.options(), conditions, &until].concat();
        let git = self.git("log");
        // All that the path ever held, at once: git would look at one after the other.
        let all = [&["--format=", "--raw", "--no-abbrev", "--no-renames"], along.options(), &until].concat();
        let listing = self.noted(self.fetched(git, &arguments, &all)).unwrap_or_default();
        let listing = String::from_utf8_lossy(&listing);
        let commit = |line: &str| {
            let mut fields = line.splitn(4, '\0').map(str::to_owned);
            let (id, date) = (fields.next()?, fields.next()?);
            let parents = fields.next()?.split(' ').map(str::to_owned).collect();
            let subject = printable(&fields.next()?);
            Some(Changed { commit: Commit { id, date, subject }, parents })
        };
        listing.lines().filter_map(commit).collect()
    }

    /// The contents that `path` had, the newest first. Many patches ask about one file.
    fn versions(&self, path: &str, along: Along) -> Option<Versions> {
        let known = || self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (path.to_owned(), along);
        let versions = known().get(&key).cloned();
        versions.or_else(|| {
            let versions = Arc::new(self.read_versions(path, along)?);
            known().insert(key, Arc::clone(&versions));
            Some(versions)
        })
    }

    fn read_versions(&self, path: &str, along: Along) -> Option<Vec<Version>> {
        let raw = ["--format=%x00%H %cs %s", "--raw", "--no-abbrev", "--no-renames", VERSIONS];
        // A merge as a change of its first parent, on either way: its own content is wanted.
        let line: &[&str] = if along == Along::FirstParents { &["--first-parent"] } else { &[] };
        let until = ["--diff-merges=first-parent", "--end-of-options", &self.commit, "--", path];
        let arguments = [&raw[..], line, &until].concat();
        let listing = self.noted(self.git("log").answer(&arguments))?;
        let listing = String::from_utf8_lossy(&listing);
        let version = |part: &str| {
            let (head, raw) = part.split_once('\n')?;
            let mut told = head.splitn(3, ' ').map(str::to_owned);
            let (id, date, subject) = (told.next()?, told.next()?, printable(&told.next()?));
            let mut fields = raw.trim_start().split(' ');
            let (mode, hash) = (fields.nth(1)?, fields.nth(1)?);
            let file = Listed { path: path.to_owned(), hash: hash.to_owned() };
            Some((Commit { id, date, subject }, mode.starts_with("100").then_some(file)))
        };
        Some(listing.split('\0').filter_map(version).collect())
    }

    /// Whether commits are missing at the far end.
    fn is_cut_off(&self) -> bool {
        let is_cut_off = *self.is_cut_off.get_or_init(|| {
            let answer = self.git("rev-parse").answer(&["--is-shallow-repository"]);
            self.noted(answer).is_none_or(|answer| answer.trim_ascii() != b"false")
        });
        if is_cut_off {
            self.note(
                "the repository is a shallow clone: `git fetch --unshallow` brings the rest".to_owned(),
            );
        }
        is_cut_off
    }

    /// The newest of `versions`, which are given so, that holds what is looked for.
    fn newest(&self, versions: &[Version], holds: &mut dyn FnMut(&str) -> bool) -> LastHeld {
        let mut lost_in = None;
        for chunk in versions.chunks(AT_ONCE) {
            let files: Vec<Listed> = chunk.iter().filter_map(|(_, file)| file.clone()).collect();
            let Some(texts) = self.texts_of(files) else { return LastHeld::Unknown };
            for (commit, file) in chunk {
                let content = file.as_ref().and_then(|file| texts.get(&file.hash)?.as_deref());
                if content.is_some_and(&mut *holds) {
                    let before = lost_in.as_ref().map(|commit: &Commit| format!("{}^", commit.id));
                    return LastHeld::In { revision: before.unwrap_or_else(|| self.commit.clone()), lost_in };
                }
                lost_in = Some(commit.clone());
            }
        }
        if versions.len() >= MOST_VERSIONS || self.is_cut_off() { LastHeld::Unknown } else { LastHeld::Never }
    }

    /// The texts of files, by hash.
    fn texts_of(&self, mut files: Vec<Listed>) -> Option<BTreeMap<String, Option<Arc<str>>>> {
        let known = || self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut texts: BTreeMap<String, Option<Arc<str>>> = BTreeMap::new();
        let is_known = |file: &Listed| known().get(&file.hash).cloned();
        texts.extend(files.iter().filter_map(|file| Some((file.hash.clone(), is_known(file)?))));
        files.retain(|file| !texts.contains_key(&file.hash));
        if !files.is_empty() {
            self.noted(read_listed(&self.root, &files, |file, content| {
                texts.insert(file.hash.clone(), text(content).map(Arc::from));
            }))?;
            known().extend(texts.clone());
        }
        Some(texts)
    }

    fn note(&self, gap: String) {
        self.gaps.lock().unwrap_or_else(PoisonError::into_inner).insert(gap);
    }

    /// An answer of git, whose absence is noted.
    fn noted<T>(&self, answer: Result<T, GitError>) -> Option<T> {
        answer.map_err(|error| self.note(gap_of(&error))).ok()
    }

    /// Whether the newest commit has `path`.
    fn has(&self, path: &str) -> bool {
        self.read(&self.commit, path).is_some()
    }

    /// The newest commit that took `path` away, and what it renamed it to, if it did.
    fn removal(&self, path: &str) -> Option<(Commit, Option<String>)> {
        let removing = |along| self.commits(along, &["--max-count=1", "--diff-filter=D"], path);
        let mut ways = [Along::AllParents, Along::FirstParents].into_iter();
        let Changed { commit, .. } = ways.find_map(|along| removing(along).pop())?;
        let is_it = |change: &&FileChange| change.old.as_ref().is_some_and(|(old, _)| old == path);
        let changes = self.changes_of(&commit.id, path);
        let renamed = changes.iter().find(is_it).and_then(|change| change.new.as_ref());
        let renamed = renamed.map(|(new, _)| new.clone());
        let renamed = renamed
            .or_else(|| self.lone_heir(&commit.id, path).filter(|_| !changes.iter().any(|c| is_it(&c))));
        Some((commit, renamed))
    }

    /// The one file that a commit added when it took `path` and nothing else away, where contents that would tell are missing.
    fn lone_heir(&self, commit: &str, path: &str) -> Option<String> {
        let before = format!("{commit}^");
        let arguments =
            ["-r", "-z", "--name-status", "--relative", "--no-renames", "--end-of-options", &before, commit];
        let listing = self.noted(self.git("diff-tree").answer(&arguments))?;
        let fields: Vec<&str> =
            listing.split(|byte| *byte == 0).map(|field| str::from_utf8(field).unwrap_or_default()).collect();
        let kind = |path: &str| path.rsplit_once('.').map(|(_, kind)| kind.to_owned());
        let of = |status: &str| -> Vec<&str> {
            let pairs =
                fields.chunks_exact(2).filter(|pair| pair[0] == status && kind(pair[1]) == kind(path));
            pairs.map(|pair| pair[1]).collect()
        };
        match (of("D").as_slice(), of("A").as_slice()) {
            ([gone], [heir]) if *gone == path => Some((*heir).to_owned()),
            _ => None,
        }
    }

    /// What git answers to `arguments`. Where a partial clone left out what it would have to look at, that is fetched first:
    /// the contents that it lists for `all`.
    fn fetched(&self, git: Git<'_>, arguments: &[&str], all: &[&str]) -> Result<Vec<u8>, GitError> {
        match git.answer(arguments) {
            Err(GitError::LeftOut { .. }) => {}
            answer => return answer,
        }
        let listing = git.answer(all)?;
        let listing = String::from_utf8_lossy(&listing);
        let hashes: Vec<&str> = listing.lines().flat_map(contents_in).collect();
        promisor::fetch(&self.root, &hashes).map_err(|unfetched| unfetched.of(None))?;
        git.answer(arguments)
    }

    /// What a commit holds at `path`; nothing before the first one.
    fn read(&self, commit: &str, path: &str) -> Option<Blob> {
        match read_many(&self.root, commit, &[path.to_owned()]) {
            Err(GitError::Failed { stderr, .. })
                if commit.ends_with('^') && stderr.contains("Not a valid object name") =>
            {
                None
            }
            answer => self.noted(answer)?.remove(path),
        }
    }

    /// The text files that a commit changed: those that hold code, and those of the kind of `path`.
    pub(crate) fn changes_of(&self, commit: &str, path: &str) -> Arc<Vec<FileChange>> {
        let kind = unlikely_kind(path).unwrap_or_default();
        let mut known = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = known
            .entry((commit.to_owned(), kind))
            .or_insert_with(|| Arc::new(self.read_changes(commit, kind).unwrap_or_default()));
        Arc::clone(changes)
    }

    fn read_changes(&self, commit: &str, kind: &str) -> Option<Vec<FileChange>> {
        // The two trees by name: of a merge, `diff-tree -m` would list what differs from any parent.
        let before = format!("{commit}^");
        let between = ["--relative", "--end-of-options", &before, commit];
        let arguments = [&["-r", "-z", "--raw", "-M", "-l4000"], &between[..]].concat();
        let all = [&["-r", "--raw", "--no-abbrev", "--no-renames"], &between[..]].concat();
        let listing = self.noted(self.fetched(self.git("diff-tree"), &arguments, &all))?;
        let mut fields =
            listing.split(|byte| *byte == 0).map(|field| str::from_utf8(field).unwrap_or_default());
        let (mut raw, mut wanted) = (Vec::new(), Vec::new());
        while let Some(head) = fields.next().filter(|head| head.starts_with(':')) {
            let head: Vec<&str> = head[1..].split(' ').collect();
            let &[old_mode, new_mode, old_hash, new_hash, status] = head.as_slice() else { return None };
            let old = fields.next()?;
            let new = if status.starts_with(['R', 'C']) { fields.next()? } else { old };
            let side = |mode: &str, hash: &str, path: &str| {
                (mode.starts_with("100") && unlikely_kind(path).is_none_or(|own| own == kind))
                    .then(|| Listed { path: path.to_owned(), hash: hash.to_owned() })
            };
            let old = side(old_mode, old_hash, old);
            let new = side(new_mode, new_hash, new);
            wanted.extend(old.iter().chain(&new).cloned());
            raw.push((old, new));
        }
        let mut by_hash: BTreeMap<String, String> = BTreeMap::new();
        self.noted(read_listed(&self.root, &wanted, |file, content| {
            by_hash.extend(text(content).map(|content| (file.hash.clone(), content)));
        }))?;
        let side = |side: Option<Listed>| {
            let file = side?;
            by_hash.get(&file.hash).map(|content| (file.path, content.clone()))
        };
        let changes = raw.into_iter().map(|(old, new)| FileChange { old: side(old), new: side(new) });
        Some(changes.filter(|change| change.old.is_some() || change.new.is_some()).collect())
    }
}

/// The contents of regular files that a line of `--raw` names: a colon, a mode and a hash for each parent, and one more of
/// both.
fn contents_in(line: &str) -> Vec<&str> {
    let parents = line.bytes().take_while(|byte| *byte == b':').count();
    let fields: Vec<&str> = line[parents..].split([' ', '\t']).take(2 * parents + 2).collect();
    let (modes, hashes) = fields.split_at(fields.len() / 2);
    let pairs = modes.iter().zip(hashes).filter(|(mode, _)| mode.starts_with("100"));
    pairs.filter(|_| parents > 0).map(|(_, hash)| *hash).collect()
}

/// Why git does not tell, for people.
fn gap_of(error: &GitError) -> String {
    let error = match error {
        // Once, not for each file.
        GitError::LeftOut { why, .. } => &GitError::LeftOut { path: None, why: why.clone() },
        error => error,
    };
    match error.hint() {
        Some(hint) => format!("{error} ({hint})"),
        None => error.to_string(),
    }
}

impl History for GitHistory {
    fn gaps(&self) -> Vec<String> {
        self.gaps.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn loss(&self, path: &str, needle: &str) -> Loss {
        if needle.is_empty() || needle.len() > LONGEST || needle.contains('\0') {
            return Loss::Unknown;
        }
        let holds = |commit: &str| self.text(commit, path).is_some_and(|text| text.contains(needle));
        if holds(&self.commit) {
            return Loss::Held;
        }
        let lost = |Changed { commit, .. }: Changed| {
            let before = self.text(&format!("{}^", commit.id), path)?;
            (before.contains(needle) && !holds(&commit.id)).then_some(Loss::In(commit, before))
        };
        // Git lists a merge that takes one parent's side as well.
        let is_own = |Changed { commit, parents }: &Changed| {
            let changes = |now: bool| parents.iter().all(|parent| holds(parent) != now);
            parents.len() < 2 || changes(holds(&commit.id))
        };
        let touching =
            |needle: &str| self.touching(path, needle, Along::AllParents).into_iter().filter(is_own);
        let mut others = touching(needle);
        if let Some(loss) = others.next().and_then(lost) {
            return loss;
        }
        // The text came back since then, or its line ends changed in between: so it went with other line ends.
        let with_crlf = || {
            let needle = needle.contains('\n').then(|| needle.replace('\n', "\r\n"))?;
            touching(&needle).find_map(lost)
        };
        let dropped = || self.touching(path, needle, Along::FirstParents).into_iter().find_map(lost);
        let loss = with_crlf().or_else(|| others.find_map(lost)).or_else(dropped);
        loss.unwrap_or_else(|| {
            self.is_cut_off();
            Loss::Unknown
        })
    }

    fn today(&self, path: &str) -> Option<String> {
        self.text(&self.commit, path)
    }

    fn last_with(&self, path: &str, holds: &mut dyn FnMut(&str) -> bool) -> LastHeld {
        let Some(versions) = self.versions(path, Along::FirstParents) else { return LastHeld::Unknown };
        match self.newest(&versions, holds) {
            LastHeld::Never => {}
            known => return known,
        }
        // What came and went between two merges.
        let Some(all) = self.versions(path, Along::AllParents) else { return LastHeld::Unknown };
        if all == versions {
            return LastHeld::Never;
        }
        match self.newest(&all, holds) {
            // Branches lie beside each other there: the next version may be another branch's.
            LastHeld::In { revision, .. } if !self.text(&revision, path).is_some_and(|text| holds(&text)) => {
                LastHeld::Unknown
            }
            known => known,
        }
    }

    fn first_with(&self, path: &str, holds: &mut dyn FnMut(&str) -> bool) -> Option<String> {
        let versions = self.versions(path, Along::FirstParents)?;
        let mut first = None;
        for chunk in versions.chunks(AT_ONCE) {
            let texts = self.texts_of(chunk.iter().filter_map(|(_, file)| file.clone()).collect())?;
            let is_it = |(_, file): &&Version| {
                let content = file.as_ref().and_then(|file| texts.get(&file.hash)?.as_deref());
                content.is_some_and(&mut *holds)
            };
            first = chunk.iter().rev().find(is_it).map(|(commit, _)| commit.id.clone()).or(first);
        }
        first
    }

    /// With LF line ends; `None` if it is no text.
    fn text(&self, commit: &str, path: &str) -> Option<String> {
        match self.read(commit, path)? {
            Blob::Regular(content) => text(content),
            _ => None,
        }
    }

    fn fate(&self, path: &str) -> Option<(Commit, Option<String>)> {
        let mut fate: Option<(Commit, Option<String>)> = None;
        let mut path = path.to_owned();
        for _ in 0..MOST_RENAMES {
            if self.has(&path) {
                break;
            }
            let Some((commit, renamed)) = self.removal(&path) else {
                // What it was renamed to is neither there nor was it ever taken away.
                return fate.map(|(commit, _)| (commit, None));
            };
            fate = Some((commit, renamed.clone()));
            let Some(renamed) = renamed else { break };
            path = renamed;
        }
        fate.map(|(commit, renamed)| (commit, renamed.filter(|path| self.has(path))))
    }

    fn changes(&self, commit: &Commit, path: &str) -> Vec<FileChange> {
        self.changes_of(&commit.id, path).as_ref().clone()
    }
}

/// How a file ends that is seldom a target, and to which no code moves from files of other kinds: there are many, and large ones.
fn unlikely_kind(path: &str) -> Option<&'static str> {
    [".snap", ".lock", ".json"].into_iter().find(|kind| path.ends_with(kind))
}

fn text(content: Vec<u8>) -> Option<String> {
    if content.len() > LARGEST {
        return None;
    }
    let text = String::from_utf8(content).ok()?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    Some(if text.contains('\r') { text.replace("\r\n", "\n") } else { text })
}

#[cfg(test)]
mod tests;
