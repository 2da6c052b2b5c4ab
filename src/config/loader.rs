//! Finds and reads patch files and their lock files. `schema` checks their content.
#![expect(clippy::disallowed_methods, reason = "the loader reads patch files, never a target")]

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::lock::{FILE_NAME, Lock, LockError, fingerprint};
use crate::config::mistake::{Mistake, MistakeKind};
use crate::config::schema::{self, Checked};
use crate::patch::{LockState, Patch, PatchFile};
use crate::regular::{self, Unread, Unseen, present};

/// Why there is no patch set.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Mistakes in patch files: all of all files, by file in the order given, then by position.
    #[error("{}", count(.0.len()))]
    Mistakes(Vec<Mistake>),
    /// A path that was given is not there.
    #[error("{} does not exist", .path.display())]
    NotFound {
        /// As given.
        path: PathBuf,
    },
    /// A folder that was given holds no patch file.
    #[error("{} contains no patch files (*.toml)", .path.display())]
    EmptyFolder {
        /// As given.
        path: PathBuf,
    },
    /// No path was given and no default folder holds a patch file.
    #[error("no patch files found: looked for *.toml in {}", folders(.tried))]
    NothingFound {
        /// The folders, in the order tried.
        tried: Vec<PathBuf>,
    },
    /// The file system refused.
    #[error("cannot read {}: {source}", .path.display())]
    Io {
        /// What was asked for.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
    /// The lock file beside them cannot be used.
    #[error(transparent)]
    Lock(#[from] LockFileError),
}

impl LoadError {
    /// What to do about it. Mistakes have hints of their own.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Mistakes(_) | Self::Io { .. } => None,
            Self::Lock(_) => Some(
                "restore the lock file from version control, or delete it and run \
             `codex-patcher lock`",
            ),
            Self::NotFound { .. } => {
                Some("a path is relative to the current directory, not to the workspace")
            }
            Self::EmptyFolder { .. } => Some(
                "name the folder that contains the patch files; subfolders are \
             not searched",
            ),
            Self::NothingFound { .. } => Some("name patch files or folders: codex-patcher apply PATCH..."),
        }
    }
}

/// The patch files of a run, with the lock files beside them.
#[derive(Debug, Default)]
pub struct PatchSet {
    /// The patch files, in the order of the run.
    pub files: Vec<PatchFile>,
    /// Each of them as it is on the disk, in the same order.
    pub(crate) raw: Vec<RawFile>,
    /// The lock files, by the folder of the patch files as the user names it.
    pub(crate) locks: BTreeMap<PathBuf, LockFile>,
}

/// A patch file as it is on the disk.
#[derive(Debug, Clone)]
pub(crate) struct RawFile {
    /// As the user gave it.
    pub(crate) shown: String,
    /// Canonical, as `commit` takes it.
    pub(crate) path: PathBuf,
    /// Its content.
    pub(crate) bytes: Vec<u8>,
}

/// The lock file of a folder of patch files.
#[derive(Debug, Clone)]
pub(crate) struct LockFile {
    /// Where it is, or is to be: canonical, as `commit` takes it.
    pub(crate) path: PathBuf,
    /// Its bytes, which a new content must be made from; `None` if there is no file.
    pub(crate) before: Option<Vec<u8>>,
    /// What it says; nothing if there is no file.
    pub(crate) lock: Lock,
    /// The ids of which the lock may have entries, in their order: those of all patches in the folder.
    pub(crate) ids: Vec<String>,
}

/// Why a lock file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LockFileError {
    /// The file system refused.
    #[error("cannot read {}: {source}", .path.display())]
    Io {
        /// The folder or the file.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
    /// It is no regular file, or too long.
    #[error("{}: {unread}", .path.display())]
    Unread {
        /// The file.
        path: PathBuf,
        /// What it is.
        unread: String,
    },
    /// It is not UTF-8.
    #[error("{}: the file is not UTF-8", .path.display())]
    Encoding {
        /// The file.
        path: PathBuf,
    },
    /// It is not a lock file.
    #[error("{}: {source}", .path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: LockError,
    },
}

/// Reads the lock file of `folder`, without the ids; one that is not there is empty.
///
/// # Errors
/// [`LockFileError`].
pub(crate) fn read_lock(folder: &Path) -> Result<LockFile, LockFileError> {
    let folder = named(folder);
    let refused = |path: &Path, source| LockFileError::Io { path: path.to_owned(), source };
    let shown = folder.join(FILE_NAME);
    let folder = fs::canonicalize(folder).map_err(|source| refused(folder, source))?;
    // A link is followed: `commit` replaces files only.
    let path = match fs::canonicalize(folder.join(FILE_NAME)) {
        Ok(path) => path,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(LockFile {
                path: folder.join(FILE_NAME),
                before: None,
                lock: Lock::default(),
                ids: Vec::new(),
            });
        }
        Err(source) => return Err(refused(&shown, source)),
    };
    let bytes = regular::read(&path).map_err(|unread| match unread {
        Unread::Io(source) => refused(&shown, source),
        unread => LockFileError::Unread { path: shown.clone(), unread: unread.to_string() },
    })?;
    let Ok(text) = str::from_utf8(&bytes) else { return Err(LockFileError::Encoding { path: shown }) };
    let lock = Lock::parse(text).map_err(|source| LockFileError::Lock { path: shown, source })?;
    Ok(LockFile { path, before: Some(bytes), lock, ids: Vec::new() })
}

fn count(mistakes: usize) -> String {
    match mistakes {
        1 => "1 mistake in the patch files".to_owned(),
        more => format!("{more} mistakes in the patch files"),
    }
}

fn folders(tried: &[PathBuf]) -> String {
    tried.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// Reads and checks the patch files of `args`, files or folders, in this order; if none is given, those of
/// the first of `default_dirs` that has any. A file given twice is taken once.
///
/// # Errors
/// [`LoadError`]; every mistake of every file is in it.
pub fn load(args: &[PathBuf], default_dirs: &[PathBuf]) -> Result<PatchSet, LoadError> {
    load_files(&find(args, default_dirs)?, args, &Unseen::default())
}

fn load_files(paths: &[PathBuf], args: &[PathBuf], unseen: &Unseen) -> Result<PatchSet, LoadError> {
    let mut set = check_all(paths, args, unseen)?;
    for file in &mut set.files {
        let folder = folder_of(file);
        if !set.locks.contains_key(&folder) {
            set.locks.insert(folder.clone(), read_lock(&folder)?);
        }
        file.locks = states(file, &set.locks[&folder].lock);
    }
    let mut given: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    for file in &set.files {
        let ids = given.entry(set.locks[&folder_of(file)].path.clone()).or_default();
        ids.extend(file.patches.iter().map(|patch| patch.id.clone()));
    }
    for (folder, lock) in &mut set.locks {
        let given = given[&lock.path].clone();
        lock.ids = ids(folder, given, &lock.lock)?;
    }
    Ok(set)
}

/// The patch files of `set` with those beside them in their folders, which may have been applied together; `None` where there
/// are no others, or they cannot be read; what hid one of them is noted in `unseen`.
pub(crate) fn with_neighbours(set: &PatchSet, unseen: &Unseen) -> Option<PatchSet> {
    let folders: BTreeSet<PathBuf> = set.files.iter().map(folder_of).collect();
    let mut paths = Vec::new();
    for folder in &folders {
        paths.extend(list(named(folder)).inspect_err(|error| unseen.note(folder, error)).ok()?);
    }
    if paths.len() <= set.files.len() {
        return None;
    }
    let noted = |error: &LoadError| match error {
        LoadError::Io { path, source } | LoadError::Lock(LockFileError::Io { path, source }) => {
            unseen.note(path, source);
        }
        _ => {}
    };
    let all = load_files(&paths, &[], unseen).inspect_err(noted).ok()?;
    let ids = |set: &PatchSet| -> BTreeSet<String> {
        set.files.iter().flat_map(|file| &file.patches).map(|patch| patch.id.clone()).collect()
    };
    ids(set).is_subset(&ids(&all)).then_some(all)
}

/// The patch files beside those of `set` in their folders; one that cannot be read, or has a mistake, counts for nothing. What hid
/// one of them is noted in `unseen`.
pub(crate) fn beside(set: &PatchSet, unseen: &Unseen) -> Vec<PatchFile> {
    let canonical = |path: &Path| fs::canonicalize(path).inspect_err(|error| unseen.note(path, error)).ok();
    let listed = |folder: &PathBuf| list(named(folder)).inspect_err(|error| unseen.note(folder, error));
    let mut seen: BTreeSet<PathBuf> =
        set.files.iter().filter_map(|file| canonical(Path::new(&*file.path))).collect();
    let folders: BTreeSet<PathBuf> = set.files.iter().map(folder_of).collect();
    let mut paths: Vec<PathBuf> =
        folders.iter().flat_map(|folder| listed(folder).unwrap_or_default()).collect();
    paths.retain(|path| canonical(path).is_some_and(|path| seen.insert(path)));
    paths.iter().filter_map(|path| check(&read(path, &[], unseen), path).file).collect()
}

/// The ids of the patches of `folder`, of which `given` are those of this run. Its other patch files are read only where the
/// lock has entries that may be theirs; where that cannot be told, such entries stay.
///
/// # Errors
/// [`LoadError::Io`] where the system could not say.
fn ids(folder: &Path, given: Vec<String>, lock: &Lock) -> Result<Vec<String>, LoadError> {
    let locked = || lock.entries.iter().chain(&lock.pending).map(|entry| entry.id.clone());
    if locked().all(|id| given.contains(&id)) {
        return Ok(given);
    }
    let unseen = Unseen::default();
    let found = ids_in(folder, &unseen);
    match unseen.first() {
        Some((path, source)) => Err(LoadError::Io { path, source }),
        None => Ok([found.unwrap_or_else(|| locked().collect()), given].concat()),
    }
}

/// What a lock file says of each patch of `file` that it knows.
pub fn states(file: &PatchFile, lock: &Lock) -> BTreeMap<String, LockState> {
    let state = |patch: &Patch| {
        let definition = fingerprint(patch);
        let locked = lock.get(&patch.id, definition)?;
        let is_current = locked.definition == definition;
        let locked = Box::new(locked.clone());
        Some(if is_current { LockState::Of(locked) } else { LockState::Stale(locked) })
    };
    file.patches.iter().filter_map(|patch| Some((patch.id.clone(), state(patch)?))).collect()
}

/// The folder that a patch file is in, which is that of its lock file.
pub(crate) fn folder_of(file: &PatchFile) -> PathBuf {
    Path::new(&*file.path).parent().unwrap_or_else(|| Path::new("")).to_owned()
}

/// The ids of all patches in the patch files of `folder`, by name of the file, then as they stand in it; mistakes elsewhere in
/// a file do not matter. `None` where it cannot be told which there are: the folder cannot be listed, or a patch file in it
/// cannot be read or is not TOML.
fn ids_in(folder: &Path, unseen: &Unseen) -> Option<Vec<String>> {
    let mut ids = Vec::new();
    for path in list(named(folder)).inspect_err(|error| unseen.note(folder, error)).ok()? {
        let Checked { ids: found, mistakes, .. } = check(&read(&path, &[], unseen), &path);
        let unread = [MistakeKind::Unreadable, MistakeKind::Encoding, MistakeKind::Syntax];
        if mistakes.iter().any(|mistake| unread.contains(&mistake.kind)) {
            return None;
        }
        ids.extend(found.into_iter().map(|found| found.id));
    }
    Some(ids)
}

/// A folder as the file system takes it.
fn named(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

/// The paths of the patch files, each once, in order.
fn find(args: &[PathBuf], default_dirs: &[PathBuf]) -> Result<Vec<PathBuf>, LoadError> {
    if args.is_empty() {
        return find_default(default_dirs);
    }
    let mut found = Vec::new();
    for arg in args {
        found.extend(expand(arg)?);
    }
    let mut seen = BTreeSet::new();
    let mut once = Vec::new();
    for path in found {
        // A pipe has no canonical path; it is itself.
        let canonical = present(fs::canonicalize(&path))
            .map_err(|source| LoadError::Io { path: path.clone(), source })?;
        if seen.insert(canonical.unwrap_or_else(|| path.clone())) {
            once.push(path);
        }
    }
    Ok(once)
}

fn find_default(dirs: &[PathBuf]) -> Result<Vec<PathBuf>, LoadError> {
    for dir in dirs {
        match expand(dir) {
            Err(LoadError::NotFound { .. } | LoadError::EmptyFolder { .. }) => {}
            other => return other,
        }
    }
    Err(LoadError::NothingFound { tried: dirs.to_vec() })
}

/// A file is itself, a folder is its patch files.
fn expand(path: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let metadata = fs::metadata(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            LoadError::NotFound { path: path.to_owned() }
        }
        _ => LoadError::Io { path: path.to_owned(), source },
    })?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let files = list(path).map_err(|source| LoadError::Io { path: path.to_owned(), source })?;
    if files.is_empty() {
        return Err(LoadError::EmptyFolder { path: path.to_owned() });
    }
    Ok(files)
}

/// The `*.toml` of a folder, in [`natural_order`] of their names; hidden ones (editors' locks) and folders do not count.
fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let hidden = name.as_encoded_bytes().starts_with(b".");
        let is_patch = Path::new(&name).extension().is_some_and(|extension| extension == "toml");
        if is_patch && !hidden && !present(fs::metadata(folder.join(&name)))?.is_some_and(|it| it.is_dir()) {
            names.push(name);
        }
    }
    names.sort_by(|a: &OsString, b| natural_order(a.as_encoded_bytes(), b.as_encoded_bytes()));
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

/// Whether a patch file comes before another one in a run of their folder.
pub(crate) fn comes_before(file: &str, other: &str) -> bool {
    let name = |file: &str| Path::new(file).file_name().unwrap_or_default().to_owned();
    let (file, other) = (name(file), name(other));
    natural_order(file.as_encoded_bytes(), other.as_encoded_bytes()) == Ordering::Less
}

/// Digits in a row compare as the number that they write, all else byte by byte: `2-` comes before `10-`. Of two names
/// that differ in leading zeros alone, the bytes decide.
fn natural_order(a: &[u8], b: &[u8]) -> Ordering {
    let (mut left, mut right) = (a, b);
    while let ([one, ..], [other, ..]) = (left, right) {
        let order = if one.is_ascii_digit() && other.is_ascii_digit() {
            let [x, y] = [number(&mut left), number(&mut right)];
            x.len().cmp(&y.len()).then_with(|| x.cmp(y))
        } else {
            (left, right) = (&left[1..], &right[1..]);
            one.cmp(other)
        };
        if order.is_ne() {
            return order;
        }
    }
    left.len().cmp(&right.len()).then_with(|| a.cmp(b))
}

/// Takes the digits that `text` begins with; they are without leading zeros then.
fn number<'t>(text: &mut &'t [u8]) -> &'t [u8] {
    let (digits, rest) = text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count());
    *text = rest;
    &digits[digits.iter().take_while(|byte| **byte == b'0').count()..]
}

fn check_all(paths: &[PathBuf], args: &[PathBuf], unseen: &Unseen) -> Result<PatchSet, LoadError> {
    let read: Vec<Result<RawFile, Box<Mistake>>> =
        paths.iter().map(|path| read(path, args, unseen)).collect();
    let checked: Vec<Checked> = read.iter().zip(paths).map(|(raw, path)| check(raw, path)).collect();
    let duplicates = schema::duplicate_ids(checked.iter().flat_map(|checked| &checked.ids));
    let mut mistakes = Vec::new();
    let mut set = PatchSet { raw: read.into_iter().filter_map(Result::ok).collect(), ..PatchSet::default() };
    for (path, one) in paths.iter().zip(checked) {
        let name = path.to_string_lossy();
        let mut own = one.mistakes;
        own.extend(duplicates.iter().filter(|mistake| *mistake.file == *name).cloned());
        own.sort_by_key(|mistake| (mistake.span.start, mistake.span.end, mistake.kind));
        mistakes.extend(own);
        set.files.extend(one.file);
    }
    if mistakes.is_empty() { Ok(set) } else { Err(LoadError::Mistakes(mistakes)) }
}

/// A patch file is a regular file, or a pipe that the user named in `args` and a shell opened for it: `<(generate)`. Such a
/// pipe has no canonical path. A named one is nobody's answer to this run, and in a folder none is meant.
fn raw(path: &Path, args: &[PathBuf]) -> Result<RawFile, Unread> {
    let shown = path.to_string_lossy().into_owned();
    let canonical = present(fs::canonicalize(path))?;
    let bytes = match &canonical {
        None if args.iter().any(|arg| arg == path) => regular::read_pipe(path)?,
        _ => regular::read(path)?,
    };
    Ok(RawFile { shown, path: canonical.unwrap_or_else(|| path.to_owned()), bytes })
}

/// The same; what hid the file is noted in `unseen`.
fn read(path: &Path, args: &[PathBuf], unseen: &Unseen) -> Result<RawFile, Box<Mistake>> {
    raw(path, args).map_err(|unread| {
        if let Unread::Io(error) = &unread {
            unseen.note(path, error);
        }
        let shown = path.to_string_lossy();
        let message = format!("cannot read the patch file: {unread}");
        let mut mistake = Mistake::new(&(*shown).into(), &"".into(), 0..0, MistakeKind::Unreadable, message);
        if let Unread::TooLong(limit) = unread {
            mistake.hint(limit.hint());
        }
        Box::new(mistake)
    })
}

fn check(raw: &Result<RawFile, Box<Mistake>>, path: &Path) -> Checked {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    match raw {
        Ok(RawFile { shown, bytes, .. }) => match str::from_utf8(bytes) {
            Ok(text) => schema::check(shown, &stem, text),
            Err(error) => refused(not_utf8(shown, bytes, error.valid_up_to())),
        },
        Err(mistake) => refused((**mistake).clone()),
    }
}

fn refused(mistake: Mistake) -> Checked {
    Checked { file: None, ids: Vec::new(), mistakes: vec![mistake] }
}

fn not_utf8(name: &str, bytes: &[u8], bad: usize) -> Mistake {
    let source = String::from_utf8_lossy(bytes);
    let text = source.strip_prefix('\u{feff}').unwrap_or(&source);
    let at = bad - (source.len() - text.len());
    let span = at..at + char::REPLACEMENT_CHARACTER.len_utf8();
    let message = format!("the file is not UTF-8: byte {:#04x}", bytes[bad]);
    let mut mistake = Mistake::new(&name.into(), &text.into(), span, MistakeKind::Encoding, message);
    mistake.hint("save the file as UTF-8");
    mistake
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn patch(id: &str) -> String {
        format!(
            "[[patches]]\nid = '{id}'\nfile = 'a.txt'\nquery = {{ type = 'text', search = 'a' }}\noperation \
             = {{ type = 'delete' }}\n"
        )
    }

    fn folder(files: &[(&str, &str)]) -> TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    fn ids(found: Result<PatchSet, LoadError>) -> Vec<String> {
        found.unwrap().files.into_iter().flat_map(|file| file.patches).map(|patch| patch.id).collect()
    }

    #[track_caller]
    fn mistakes(found: Result<PatchSet, LoadError>) -> Vec<Mistake> {
        match found {
            Err(LoadError::Mistakes(mistakes)) => mistakes,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_folder_is_its_patch_files_sorted_by_name() {
        let (a, b, c) = (patch("a"), patch("b"), patch("c"));
        let dir = folder(&[
            ("b.toml", &b),
            ("a.toml", &a),
            ("c.TOML", "no"),
            (".#a.toml", "no"),
            ("notes.md", "no"),
            ("d.toml/e.toml", &c),
        ]);
        let found = load(&[dir.path().to_owned()], &[]).unwrap().files;
        let names: Vec<_> = found.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(*found[0].path, *dir.path().join("a.toml").to_string_lossy());
    }

    #[test]
    fn numbers_in_names_are_ordered_as_numbers() {
        let order = [
            "1.toml",
            "2-first.toml",
            "02-x.toml",
            "2.toml",
            "10-second.toml",
            "100.toml",
            "99999999999999999999999.toml",
            "B.toml",
            "a.toml",
            "a2b1.toml",
            "a2b10.toml",
            "a10b1.toml",
            "b.toml",
            "v0.9.toml",
            "v0.10.toml",
            "ä2.toml",
            "ä10.toml",
        ];
        for (at, one) in order.iter().enumerate() {
            for (other_at, other) in order.iter().enumerate() {
                assert_eq!(
                    natural_order(one.as_bytes(), other.as_bytes()),
                    at.cmp(&other_at),
                    "{one} {other}"
                );
            }
        }
        let sets: Vec<String> = ["10-y", "2-x", "1-w"].map(patch).to_vec();
        let files = ["10-y.toml", "2-x.toml", "1-w.toml"];
        let files: Vec<_> = files.into_iter().zip(sets.iter().map(String::as_str)).collect();
        assert_eq!(ids(load(&[folder(&files).path().to_owned()], &[])), ["1-w", "2-x", "10-y"]);
    }

    #[test]
    fn the_order_given_is_kept_and_a_file_given_twice_is_taken_once() {
        let (a, b) = (patch("a"), patch("b"));
        let dir = folder(&[("a.toml", &a), ("b.toml", &b), ("x/empty.md", "")]);
        let [one, two] = ["a.toml", "b.toml"].map(|name| dir.path().join(name));
        let again = dir.path().join("x/../b.toml");
        assert_eq!(ids(load(&[two.clone(), one, again, dir.path().to_owned()], &[])), ["b", "a"]);
    }

    #[test]
    fn the_first_default_folder_that_has_any_is_taken() {
        let (a, b) = (patch("a"), patch("b"));
        let dir = folder(&[("two/a.toml", &a), ("three/b.toml", &b), ("one/x.md", "")]);
        let dirs = ["none", "one", "two", "three"].map(|name| dir.path().join(name));
        assert_eq!(ids(load(&[], &dirs)), ["a"]);
        let error = load(&[], &dirs[..2]).unwrap_err();
        let said = error.to_string();
        assert!(dirs[..2].iter().all(|dir| said.contains(&*dir.to_string_lossy())), "{said}");
        assert!(error.hint().unwrap().contains("PATCH"));
    }

    #[test]
    fn what_is_not_there_is_named() {
        let dir = folder(&[("one/x.md", ""), ("file", "")]);
        let load = |name: &str| load(&[dir.path().join(name)], &[]).unwrap_err();
        assert!(matches!(load("gone.toml"), LoadError::NotFound { path } if path.ends_with("gone.toml")));
        assert!(matches!(load("file/x.toml"), LoadError::NotFound { .. }));
        assert!(matches!(load("one"), LoadError::EmptyFolder { path } if path.ends_with("one")));
        assert!(load("one").to_string().contains("contains no patch files"));
    }

    #[test]
    fn a_lock_file_is_read_where_it_is_and_is_no_patch_file() {
        let one = patch("a");
        let dir = folder(&[
            ("a.toml", &one),
            (FILE_NAME, "version = 1\n"),
            ("b/x", ""),
            ("c/codex-patcher.lock", "x"),
        ]);
        let found = read_lock(dir.path()).unwrap();
        assert_eq!(found.before.as_deref(), Some(&b"version = 1\n"[..]));
        assert_eq!(found.lock, Lock::default());
        assert_eq!(ids(load(&[dir.path().to_owned()], &[])), ["a"]);
        let none = read_lock(&dir.path().join("b")).unwrap();
        assert!(none.before.is_none() && none.path.ends_with("b/codex-patcher.lock"), "{none:?}");
        let said = read_lock(&dir.path().join("c")).unwrap_err().to_string();
        assert!(said.contains("codex-patcher.lock: line 1: "), "{said}");
        assert!(matches!(read_lock(&dir.path().join("d")), Err(LockFileError::Io { .. })));
    }

    #[test]
    fn the_ids_of_a_folder_are_told_wherever_its_files_are_toml() {
        let (a, b, both) = (patch("a"), patch("b"), patch("c") + &patch("d"));
        let wrong = b.replace("file", "fiel");
        let of = |files: &[(&str, &str)]| ids_in(folder(files).path(), &Unseen::default());
        let expected = Some(["a", "c", "d", "b"].map(str::to_owned).to_vec());
        let files =
            [("y.toml", both.as_str()), ("x.toml", &a), ("z.toml", &wrong), ("Cargo.toml", "[workspace]")];
        assert_eq!(of(&files), expected);
        assert_eq!(of(&[("x.toml", &a), ("y.toml", "no")]), None);
        assert_eq!(ids_in(Path::new("nowhere"), &Unseen::default()), None);
        let here = ids_in(Path::new(""), &Unseen::default());
        assert_eq!(here, Some(Vec::new()), "the manifest of this package has no patches");
    }

    #[test]
    fn all_mistakes_of_all_files_come_in_order() {
        let (a, b) = (patch("same"), format!("[mtea]\n{}", patch("same")));
        let dir = folder(&[("a.toml", &a), ("b.toml", &b), ("c.toml", "x = ")]);
        fs::write(dir.path().join("d.toml"), b"\xef\xbb\xbf# \xff\n").unwrap();
        let found = mistakes(load(&[dir.path().to_owned()], &[]));
        let seen: Vec<_> =
            found.iter().map(|m| (m.file.rsplit('/').next().unwrap(), m.kind, m.line)).collect();
        use MistakeKind::*;
        let expected = [
            ("b.toml", UnknownKey, 1),
            ("b.toml", DuplicateId, 3),
            ("c.toml", Syntax, 1),
            ("d.toml", Encoding, 1),
        ];
        assert_eq!(seen, expected);
        assert!(found[1].hint.as_ref().unwrap().contains("a.toml:2:6;"));
        assert_eq!((found[3].column, found[3].message.as_str()), (3, "the file is not UTF-8: byte 0xff"));
        assert_eq!(LoadError::Mistakes(found).to_string(), "4 mistakes in the patch files");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_cannot_be_read_is_a_mistake_like_others() {
        let a = patch("");
        let dir = folder(&[("a.toml", &a)]);
        std::os::unix::fs::symlink("nowhere", dir.path().join("b.toml")).unwrap();
        let found = mistakes(load(&[dir.path().to_owned()], &[]));
        let kinds: Vec<_> = found.iter().map(|mistake| mistake.kind).collect();
        assert_eq!(kinds, [MistakeKind::Empty, MistakeKind::Unreadable]);
        assert!(found[1].message.starts_with("cannot read the patch file: "));
    }
}
