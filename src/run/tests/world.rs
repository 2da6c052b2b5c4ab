//! An upstream and a set of patch files in memory, and what is asked of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::lock::in_steps;
use super::super::tree::{Base, CommitRefused, Snapshot, TargetChange, Tree};
use super::super::{
    LockUse, Mode, OnFailure, Options, Progress, Rewritten, RunError, apply_patches, lock_patches,
    update_patches,
};
use super::{BEACON, LAMP, exchanged};
use crate::commit::CommitError;
use crate::config::loader::{LockFile, PatchSet, RawFile, folder_of, states};
use crate::config::lock::{FILE_NAME, Lock};
use crate::config::schema;
use crate::drift::trail::History;
use crate::drift::trail::tests::story::{self, Story};
use crate::files::Files;
use crate::files::memory::MapFiles;
use crate::git::{Assumed, GitError};
use crate::outcome::{Command, Outcome, Report, Status};
use crate::patch::{Drift, PatchFile};
use crate::plan::{Record, Strictness};
use crate::workspace::TargetError;

/// The folder of the patch files.
const SET: &str = "set";

/// Commits, the working tree, and patch files.
pub(super) struct Upstream {
    story: Option<Story>,
    tree: Mutex<MapFiles>,
    set: Mutex<BTreeMap<PathBuf, Vec<u8>>>,
    opened: AtomicUsize,
}

/// A run that is over.
pub(super) struct Ran {
    pub(super) report: Report,
    rewritten: Vec<Rewritten>,
}

pub(super) fn apply() -> Options {
    Options { mode: Mode::Write, ..Options::new(Command::Apply) }
}

pub(super) fn status() -> Options {
    Options::new(Command::Status)
}

/// What is asked for besides the command.
pub(super) trait Ask {
    fn drift(self, drift: Drift) -> Self;
    fn strict(self) -> Self;
    fn accept(self) -> Self;
    fn keep_going(self) -> Self;
    fn dry(self) -> Self;
    fn revert(self) -> Self;
    fn only(self, id: &str) -> Self;
    fn skip(self, id: &str) -> Self;
    fn version(self, version: &str) -> Self;
}

impl Ask for Options {
    fn drift(self, drift: Drift) -> Self {
        Self { drift, ..self }
    }

    fn strict(self) -> Self {
        Self { strictness: Strictness::Strict, ..self }
    }

    fn accept(self) -> Self {
        Self { locks: LockUse::Accept, record: Record::Places, ..self }
    }

    fn keep_going(self) -> Self {
        Self { on_failure: OnFailure::KeepGoing, ..self }
    }

    fn dry(self) -> Self {
        Self { mode: Mode::Report, ..self }
    }

    fn revert(self) -> Self {
        Self { mode: Mode::Revert, ..self }
    }

    fn only(mut self, id: &str) -> Self {
        self.selection.only.insert(id.to_owned());
        self
    }

    fn skip(mut self, id: &str) -> Self {
        self.selection.skip.insert(id.to_owned());
        self
    }

    fn version(self, version: &str) -> Self {
        Self { version: Some(version.parse().unwrap()), ..self }
    }
}

/// A text patch of an exact text.
pub(super) fn text_patch(id: &str, file: &str, search: &str, text: &str) -> String {
    format!(
        "[[patches]]\nid = \"{id}\"\nfile = \"{file}\"\n\n[patches.query]\ntype = \"text\"\nsearch = {search:?}\n\n\
         [patches.operation]\ntype = \"replace\"\ntext = {text:?}\n"
    )
}

impl Upstream {
    pub(super) fn without_git<T: AsRef<str>>(files: &[(&str, T)]) -> Self {
        let upstream = Self {
            story: None,
            tree: Mutex::default(),
            set: Mutex::default(),
            opened: AtomicUsize::default(),
        };
        upstream.write("Cargo.toml", "[workspace]\n\n[workspace.package]\nversion = \"1.2.0\"\n");
        files.iter().for_each(|(path, text)| upstream.write(path, text.as_ref()));
        upstream
    }

    pub(super) fn new<T: AsRef<str>>(files: &[(&str, T)]) -> Self {
        let mut upstream = Self { story: Some(Story::default()), ..Self::without_git(files) };
        Self::commit(&mut upstream);
        upstream
    }

    /// The beacon and the lamp, with one patch file.
    pub(super) fn beacon(set: &str) -> Self {
        let upstream = Self::new(&[("src/beacon.rs", BEACON), ("src/lamp.rs", LAMP)]);
        upstream.patches(set);
        upstream
    }

    /// The same tree and the same patch files, once more.
    pub(super) fn copy(&self) -> Self {
        let (tree, set) = (self.tree().clone(), self.set.lock().unwrap().clone());
        Self {
            story: self.story.clone(),
            tree: Mutex::new(MapFiles(tree)),
            set: Mutex::new(set),
            opened: AtomicUsize::default(),
        }
    }

    pub(super) fn forget_history(&mut self) {
        self.story = None;
    }

    /// Leaves the newest commit alone, as in a shallow clone.
    pub(super) fn cut_off(&mut self) {
        self.story.as_mut().unwrap().cut_off();
    }

    /// Only the newest commits are known.
    pub(super) fn keep_history(&mut self, newest: usize) {
        if let Some(story) = &mut self.story {
            story.keep(newest);
        }
    }

    pub(super) fn patches(&self, set: &str) {
        self.patch_file("set.toml", set);
    }

    pub(super) fn patch_file(&self, name: &str, text: &str) {
        self.set.lock().unwrap().insert(Path::new(SET).join(name), text.as_bytes().to_vec());
    }

    /// How often a run has looked at the tree: once for each plan.
    pub(super) fn opened(&self) -> usize {
        self.opened.load(Ordering::Relaxed)
    }

    pub(super) fn forget_lock(&self) {
        self.set.lock().unwrap().remove(&Path::new(SET).join(FILE_NAME));
    }

    /// The patch files and the lock file, by name.
    pub(super) fn set(&self) -> BTreeMap<String, String> {
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        self.set.lock().unwrap().iter().map(|(path, bytes)| (name(path), text(bytes))).collect()
    }

    pub(super) fn set_file(&self) -> String {
        self.set()["set.toml"].clone()
    }

    pub(super) fn lock_file(&self) -> String {
        self.set()[FILE_NAME].clone()
    }

    /// The files of the working tree.
    pub(super) fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        self.tree.lock().unwrap().0.clone()
    }

    #[track_caller]
    pub(super) fn text(&self, path: &str) -> String {
        String::from_utf8(self.tree()[path].clone()).unwrap()
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        self.tree.lock().unwrap().0.insert(path.to_owned(), text.as_bytes().to_vec());
    }

    pub(super) fn remove(&self, path: &str) {
        self.tree.lock().unwrap().0.remove(path).unwrap();
    }

    pub(super) fn rename(&self, from: &str, to: &str) {
        let text = self.text(from);
        self.remove(from);
        self.write(to, &text);
    }

    #[track_caller]
    pub(super) fn edit(&self, path: &str, from: &str, to: &str) {
        self.write(path, &exchanged(&self.text(path), from, to));
    }

    /// Commits what is there, where there is a repository; the abbreviated id.
    pub(super) fn commit(&mut self) -> String {
        let text = |(path, bytes): (String, Vec<u8>)| (path, String::from_utf8(bytes).unwrap());
        let tree: story::Tree = self.tree().into_iter().map(text).collect();
        self.story.as_mut().map_or_else(String::new, |story| story.push(tree).id[..7].to_owned())
    }

    /// One commit that exchanges a text.
    #[track_caller]
    pub(super) fn step(&mut self, path: &str, from: &str, to: &str) -> String {
        self.edit(path, from, to);
        self.commit()
    }

    /// The working tree as the newest commit has it.
    pub(super) fn check_out(&self) {
        let files = self.story.as_ref().unwrap().last().clone();
        *self.tree.lock().unwrap() = files.into_iter().collect();
    }

    /// The patch files as the loader gives them.
    #[track_caller]
    fn load(&self) -> PatchSet {
        self.load_those(&|_| true)
    }

    /// The patch files of these names.
    #[track_caller]
    fn load_those(&self, is_named: &dyn Fn(&str) -> bool) -> PatchSet {
        let files = self.set.lock().unwrap().clone();
        let mut set = PatchSet::default();
        let is_patch_file = |path: &Path| {
            path.extension().is_some_and(|e| e == "toml")
                && is_named(path.file_name().unwrap().to_str().unwrap())
        };
        for (path, bytes) in files.iter().filter(|(path, _)| is_patch_file(path)) {
            let shown = path.to_string_lossy().into_owned();
            let (file, mistakes) = schema::parse(&shown, "set", str::from_utf8(bytes).unwrap());
            set.files.push(file.unwrap_or_else(|| panic!("{mistakes:?}")));
            set.raw.push(RawFile { shown, path: path.clone(), bytes: bytes.clone() });
        }
        let path = Path::new(SET).join(FILE_NAME);
        let before = files.get(&path).cloned();
        let text = before.as_deref().map(|bytes| str::from_utf8(bytes).unwrap());
        let lock = text.map_or_else(Lock::default, |text| Lock::parse(text).unwrap());
        set.files.iter_mut().for_each(|file| file.locks = states(file, &lock));
        let ids = set.files.iter().flat_map(|file| &file.patches).map(|patch| patch.id.clone()).collect();
        if let Some(file) = set.files.first() {
            set.locks.insert(folder_of(file), LockFile { path, before, lock, ids });
        }
        set
    }

    #[track_caller]
    pub(super) fn run(&self, options: Options) -> Ran {
        self.run_while(options, &|_, _| {})
    }

    /// A run of one patch file, in a call of its own.
    #[track_caller]
    pub(super) fn run_file(&self, name: &str, options: Options) -> Ran {
        let set = self.load_those(&|other| other == name);
        let report = apply_patches(self, &set, &options, &|_, _| {}).unwrap();
        Ran { report, rewritten: Vec::new() }
    }

    /// A run in which `meanwhile` happens whenever a target is planned.
    #[track_caller]
    pub(super) fn run_while(&self, options: Options, meanwhile: Progress<'_>) -> Ran {
        let report = apply_patches(self, &self.load(), &options, meanwhile).unwrap();
        Ran { report, rewritten: Vec::new() }
    }

    /// Why a run could not be made, in which `meanwhile` happens whenever a target is planned.
    #[track_caller]
    pub(super) fn run_into_error(&self, options: Options, meanwhile: Progress<'_>) -> RunError {
        apply_patches(self, &self.load(), &options, meanwhile).unwrap_err()
    }

    #[track_caller]
    pub(super) fn lock(&self) -> Ran {
        self.rewrite(lock_patches(self, &self.load(), &Options::new(Command::Lock), &|_, _| {}))
    }

    #[track_caller]
    pub(super) fn update(&self) -> Ran {
        self.rewrite(update_patches(self, &self.load(), &Options::new(Command::Update), &|_, _| {}))
    }

    /// An update that is killed after so many of its writes; whether it came to its end.
    #[track_caller]
    pub(super) fn update_killed_after(&self, writes: usize) -> bool {
        let (_, files) =
            update_patches(self, &self.load(), &Options::new(Command::Update), &|_, _| {}).unwrap();
        let steps = in_steps(&files);
        for step in steps.iter().filter(|step| step.before.as_ref() != Some(&step.after)).take(writes) {
            self.put(std::slice::from_ref(step)).unwrap();
        }
        steps.len() < writes
    }

    #[track_caller]
    fn rewrite(&self, done: Result<(Report, Vec<Rewritten>), RunError>) -> Ran {
        let (report, rewritten) = done.unwrap();
        self.put(&rewritten).unwrap();
        Ran { report, rewritten }
    }

    /// `options` fail with `cause`, say all of `words`, and change nothing.
    #[track_caller]
    pub(super) fn fails(&self, options: Options, cause: &str, words: &[&str]) {
        let before = (self.tree(), self.set());
        let told = self.run(options).fails().told();
        assert!(told.contains(&format!("{cause}: ")), "no {cause} in:\n{told}");
        for word in words {
            assert!(told.contains(word), "no `{word}` in:\n{told}");
        }
        assert_eq!((self.tree(), self.set()), before, "something was written");
    }

    /// The patch applies; a second run finds it in place and writes nothing.
    #[track_caller]
    pub(super) fn lands(&self, drift: Drift) -> Ran {
        let first = self.run(apply().drift(drift)).succeeds();
        let once = (self.tree(), self.set());
        assert_eq!(self.run(apply().drift(drift)).succeeds().one(), "already-applied");
        assert_eq!(self.run(status().drift(drift)).succeeds().one(), "already-applied");
        assert_eq!((self.tree(), self.set()), once);
        first
    }

    /// What a run makes of a copy of the tree.
    #[track_caller]
    pub(super) fn applied(&self, options: Options) -> BTreeMap<String, Vec<u8>> {
        let copy = self.copy();
        copy.run(options).succeeds();
        copy.tree()
    }

    /// `update` makes the patch exact: exactly it does then what it did under tolerance.
    #[track_caller]
    pub(super) fn updates(&self) {
        let tolerant = self.applied(apply().drift(Drift::Move));
        let before = self.tree();
        assert_eq!(self.update().one(), "updated");
        assert_eq!(self.tree(), before, "update touched the tree");
        assert_eq!(self.applied(apply()), tolerant, "the patch is now:\n{}", self.set_file());
        // It is exact now.
        let again = self.update();
        assert_eq!((again.one(), again.rewritten.len()), ("skipped".to_owned(), 0));
    }
}

impl Ran {
    #[track_caller]
    pub(super) fn succeeds(self) -> Self {
        assert!(!self.has_failed(), "{}", self.told());
        self
    }

    #[track_caller]
    pub(super) fn fails(self) -> Self {
        assert!(self.has_failed(), "{}", self.told());
        self
    }

    pub(super) fn has_failed(&self) -> bool {
        self.report.patches.iter().any(|outcome| outcome.status == Status::Failed)
    }

    /// `id status`, or `id cause` of what failed, of every patch.
    pub(super) fn all(&self) -> String {
        let one = |outcome: &Outcome| format!("{} {}", outcome.id, short(outcome));
        self.report.patches.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    /// The causes of what failed.
    pub(super) fn all_causes(&self) -> String {
        let failed = |outcome: &&Outcome| outcome.cause.is_some();
        self.report.patches.iter().filter(failed).map(short).collect::<Vec<_>>().join(", ")
    }

    /// Status or cause of the only patch.
    #[track_caller]
    pub(super) fn one(&self) -> String {
        let [outcome] = self.report.patches.as_slice() else { panic!("{}", self.all()) };
        short(outcome)
    }

    /// All that the report says in words.
    pub(super) fn told(&self) -> String {
        self.report.patches.iter().map(told).collect()
    }
}

fn short(outcome: &Outcome) -> String {
    let value = match outcome.cause {
        Some(cause) => serde_json::to_value(cause),
        None => serde_json::to_value(outcome.status),
    };
    value.unwrap().as_str().unwrap().to_owned()
}

fn told(outcome: &Outcome) -> String {
    let place = |file: &str, line: usize| format!("{file}:{line}");
    let mut told = vec![format!("{}: {}", short(outcome), outcome.id)];
    told.extend(outcome.file.iter().map(|file| place(file, outcome.line.unwrap_or(1))));
    told.extend(outcome.sites.iter().map(|site| place(&site.file, site.line)));
    told.extend([&outcome.reason, &outcome.hint, &outcome.detail].into_iter().flatten().cloned());
    told.extend(outcome.warnings.iter().map(|warning| format!("warning: {warning}")));
    told.extend(outcome.nearest.iter().flat_map(|nearest| {
        [Some(place(&nearest.file, nearest.line)), nearest.what.clone(), nearest.diff.clone()]
            .into_iter()
            .flatten()
    }));
    told.extend(
        outcome
            .would
            .iter()
            .flat_map(|would| [Some(would.sentence()), would.detail.clone()].into_iter().flatten()),
    );
    told.extend(outcome.would.iter().flat_map(|would| would.history.clone()));
    told.extend(outcome.history.iter().cloned());
    told.join("\n") + "\n"
}

impl Tree for Upstream {
    fn shown(&self) -> String {
        "tree".to_owned()
    }

    fn open(&self, revision: Option<&str>, _: &[String]) -> Result<Snapshot<'_>, GitError> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        let Some(revision) = revision else {
            let files: Box<dyn Files> = Box::new(self.tree.lock().unwrap().clone());
            return Ok(Snapshot { files, commit: None });
        };
        let story = self.story.as_ref().ok_or_else(|| GitError::NotRepository { root: "tree".into() })?;
        let unknown = || GitError::UnknownRevision { revision: revision.to_owned() };
        let story = story.at(revision).ok_or_else(unknown)?;
        let files: MapFiles = story.last().clone().into_iter().collect();
        Ok(Snapshot { files: Box::new(files), commit: Some(story.head().id) })
    }

    fn resolve(&self, file: &str, base: Base) -> Result<String, TargetError> {
        let relative = self.spelled(file, base)?;
        let is_there = self.tree.lock().unwrap().0.contains_key(&relative);
        if is_there { Ok(relative) } else { Err(TargetError::Missing { path: file.to_owned(), relative }) }
    }

    fn spelled(&self, file: &str, _: Base) -> Result<String, TargetError> {
        Ok(file.to_owned())
    }

    fn named(&self, path: &str, _: Base) -> String {
        path.to_owned()
    }

    fn head(&self) -> Result<Option<String>, GitError> {
        Ok(self.story.as_ref().map(|story| story.head().id))
    }

    fn history(&self, commit: &str) -> Box<dyn History + '_> {
        Box::new(
            self.story.as_ref().and_then(|story| story.at(commit)).expect("it is asked for its own commits"),
        )
    }

    fn unchanged(&self, mut paths: BTreeSet<String>) -> Option<BTreeSet<String>> {
        let head = self.story.as_ref().map(Story::head)?;
        let history = self.history(&head.id);
        paths.retain(|path| history.today(path).is_some_and(|text| text == self.text(path)));
        Some(paths)
    }

    fn assumed_version(&self, _: &str) -> Result<Option<Assumed>, GitError> {
        Ok(None)
    }

    fn commit(&self, changes: &[TargetChange<'_>], locks: &[Rewritten]) -> Result<usize, CommitRefused> {
        let mut tree = self.tree.lock().unwrap();
        let is_other =
            |change: &&TargetChange<'_>| tree.0.get(change.path).is_none_or(|now| now != change.before);
        if let Some(change) = changes.iter().find(is_other) {
            let error = CommitError::ChangedOnDisk { shown: change.path.to_owned() };
            let targets = BTreeSet::from([change.path.to_owned()]);
            return Err(CommitRefused { error, targets, is_about_locks: false });
        }
        self.put(locks).map_err(|error| CommitRefused {
            error,
            targets: BTreeSet::new(),
            is_about_locks: true,
        })?;
        tree.0.extend(changes.iter().map(|change| (change.path.to_owned(), change.after.to_vec())));
        Ok(changes.len())
    }

    fn patch_files_beside(&self, set: &PatchSet) -> Vec<PatchFile> {
        let is_beside = |file: &PatchFile| set.files.iter().all(|other| other.path != file.path);
        self.load().files.into_iter().filter(is_beside).collect()
    }

    fn with_patch_files_beside(&self, set: &PatchSet) -> Option<PatchSet> {
        let all = self.load();
        (all.files.len() > set.files.len()).then_some(all)
    }

    fn tidy(&self, _: &mut dyn Iterator<Item = &str>, _: &PatchSet) {}
}

impl Upstream {
    pub(super) fn put(&self, files: &[Rewritten]) -> Result<(), CommitError> {
        let mut set = self.set.lock().unwrap();
        if let Some(file) = files.iter().find(|file| set.get(&file.path) != file.before.as_ref()) {
            return Err(CommitError::ChangedOnDisk { shown: file.shown.clone() });
        }
        set.extend(files.iter().map(|file| (file.path.clone(), file.after.clone())));
        Ok(())
    }
}
