//! How patches survive upstream's history: changes at real places of Codex, written as patches of every kind at one
//! commit and applied one to six weeks later. What is right is decided by git and by lines walked through its hunks,
//! never by the program. Where `CODEX_PATCHER_HISTORY` names no bare mirror, it says so and passes: nothing of a
//! mirror is in this repository. `CONTRIBUTING.md` has the other variables.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "it runs git and the binary on trees, and says what it skips"
)]

#[path = "history/blame.rs"]
mod blame;
#[path = "history/encode.rs"]
mod encode;
#[path = "history/follow.rs"]
mod follow;
#[path = "history/measure.rs"]
mod measure;
#[path = "history/merged.rs"]
mod merged;
#[path = "history/points.rs"]
mod points;
#[path = "history/repo.rs"]
mod repo;
#[path = "history/rivals.rs"]
mod rivals;
#[path = "history/sample.rs"]
mod sample;
#[path = "history/tables.rs"]
mod tables;
#[path = "history/truth.rs"]
mod truth;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};

use encode::Encoding;
use measure::{MODES, Mode, Right, Verdict, verdict};
use repo::Revision;
use sample::{Known, Sample};
use serde_json::json;
use tables::Tables;
use truth::Class;

const SAMPLE: usize = 400;

/// Not `eprintln!`, which the test runner keeps to itself.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// What `work` makes of the items, in their order, on all cores.
fn parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(at) else { return };
                    let result = work(item);
                    done.lock().unwrap().push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// A patch on disk that does at base what it should.
struct Case<'s> {
    known: &'s Known,
    encoding: Encoding,
    patch: PathBuf,
    locked: Option<PathBuf>,
    before: usize,
    after: usize,
}

struct Trees {
    revisions: Vec<Revision>,
    dirs: BTreeMap<u32, PathBuf>,
    texts: BTreeMap<u32, BTreeMap<String, String>>,
    lines: BTreeMap<u32, BTreeMap<String, Vec<String>>>,
}

impl Trees {
    fn line(&self, week: u32, path: &str, line: usize) -> &str {
        &self.lines[&week][path][line]
    }

    /// The class as the patch sees it, and what is right.
    fn right(&self, known: &Known, week: u32, around: (usize, usize)) -> (Class, Right) {
        let truth = &known.truth[&week];
        let place = &known.point.place;
        let line = self.line(0, &place.path, place.line);
        let mut class = truth.class;
        let file = truth.to.as_ref().and_then(|to| {
            let later = &self.texts[&week][&to.path];
            let (old, new) = (&self.lines[&0][&place.path], &self.lines[&week][&to.path]);
            let same = truth::same_around(old, place.line, new, to.line, around.0, around.1);
            let (of, content) = truth::expected(&known.point, truth, line, later);
            class = match of {
                Class::Untouched | Class::Shifted if !same => Class::Surroundings,
                Class::Moved if !same => Class::Both,
                class => class,
            };
            Some((to.path.clone(), content?))
        });
        (class, Right { file, or_nothing: truth.done })
    }

    /// Whether the line stands in an item of another name than at the base: what a lock names is somewhere else, or nowhere.
    fn is_in_other_item(&self, known: &Known, week: u32) -> bool {
        let Some(to) = &known.truth[&week].to else { return false };
        let item =
            |week: u32, place: &follow::Place| points::item_at(&self.texts[&week][&place.path], place.line);
        to.path.ends_with(".rs") && item(0, &known.point.place) != item(week, to)
    }

    /// What a tool came to, and which rule of those for changed lines a wrong landing breaks.
    fn judge(
        &self,
        known: &Known,
        week: u32,
        (class, right): (Class, &Right),
        code: i32,
        files: &[(String, String)],
    ) -> (Verdict, Option<&'static str>) {
        let found = verdict(right, code, files);
        let [(path, after)] = files else { return (found, None) };
        if found != Verdict::Wrong || class.should_land() || code != 0 {
            return (found, None);
        }
        let (place, truth) = (&known.point.place, &known.truth[&week]);
        let Some(before) = self.texts[&week].get(path) else { return (found, None) };
        let base = &self.texts[&0][&place.path];
        let edited =
            points::apply(base, place.line, self.line(0, &place.path, place.line), &known.point.edit);
        let region = merged::Region { to: truth.to.as_ref(), between: truth.between.as_ref() };
        match merged::merged((base, &edited), place.line, (before, after), path, &region) {
            Ok(()) => (Verdict::Merged, None),
            Err(why) => (found, Some(why)),
        }
    }
}

#[test]
fn patches_survive_history() {
    let Some(mirror) = std::env::var_os("CODEX_PATCHER_HISTORY").map(PathBuf::from) else {
        say("SKIPPED: CODEX_PATCHER_HISTORY is not set, so no patch was carried through real history");
        return;
    };
    let size = std::env::var("CODEX_PATCHER_HISTORY_SAMPLE").map_or(SAMPLE, |size| size.parse().unwrap());
    let plain = std::env::var_os("CODEX_PATCHER_HISTORY_PLAIN").is_some_and(|plain| plain == "1");
    let scratch = tempfile::tempdir().unwrap();
    let keep = std::env::var_os("CODEX_PATCHER_HISTORY_KEEP")
        .map_or_else(|| scratch.path().to_owned(), |keep| std::path::absolute(keep).unwrap());
    std::fs::create_dir_all(&keep).unwrap();

    let revisions = repo::revisions(&mirror);
    for revision in &revisions {
        say(&format!("+{} weeks is {}", revision.week, revision.id));
    }
    let dirs: Vec<PathBuf> =
        revisions.iter().map(|revision| repo::tree(&mirror, revision, plain, &keep)).collect();
    let sample = sample::sample(&mirror, &revisions, &dirs, &keep, size);
    describe(&sample, &revisions);
    let texts = revisions.iter().zip(parallel(&dirs, |dir| repo::texts(dir)));
    let texts: BTreeMap<u32, _> = texts.map(|(revision, texts)| (revision.week, texts)).collect();
    let lines = texts.iter().map(|(week, texts)| (*week, truth::by_lines(texts))).collect();
    let dirs = revisions.iter().zip(dirs).map(|(revision, dir)| (revision.week, dir)).collect();
    let trees = Trees { revisions, dirs, texts, lines };

    let mut cases = cases(&sample, &trees, &keep);
    let out = std::env::var_os("CODEX_PATCHER_HISTORY_OUT")
        .map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("history.jsonl"), PathBuf::from);
    let mut out = std::fs::File::create(&out).unwrap();
    let (mut tables, mut names) = (Tables::default(), names());
    let modes = available(&mut cases, &trees);
    run(&cases, &modes, &trees, &mut tables, &mut out);
    let weeks: Vec<u32> = trees.revisions.iter().map(|revision| revision.week).skip(1).collect();
    if cases.iter().any(|case| case.encoding == Encoding::Text) {
        names.extend(compare(&mirror, &cases, &trees, &keep, &mut tables));
    }
    say(&format!("\n{}", tables.markdown(&names, &weeks)));
    hold(&tables, plain);
}

fn row(encoding: Encoding, mode: &Mode) -> String {
    format!("{} {}", encoding.name(), mode.name)
}

fn names() -> Vec<String> {
    let all = Encoding::ALL.into_iter().flat_map(|encoding| MODES.iter().map(move |mode| (encoding, mode)));
    all.filter(|(encoding, mode)| !(encoding.is_text() && mode.lock))
        .map(|(encoding, mode)| row(encoding, mode))
        .collect()
}

/// Whether a row is wanted.
fn wanted(encoding: Encoding, mode: &Mode) -> bool {
    static ONLY: LazyLock<String> =
        LazyLock::new(|| std::env::var("CODEX_PATCHER_HISTORY_ONLY").unwrap_or_default());
    let row = row(encoding, mode);
    ONLY.split(',').any(|only| row.starts_with(only))
}

/// How much there is of what.
fn describe(sample: &Sample, revisions: &[Revision]) {
    say(&format!("{} places; dropped cases: {:#?}", sample.known.len(), sample.dropped));
    for revision in &revisions[1..] {
        let count = |class| {
            let known = sample.known.iter().filter_map(|known| known.truth.get(&revision.week));
            known.filter(|truth| truth.class == class).count()
        };
        let counts = Class::ALL.map(|class| format!("{} {}", count(class), class.name()));
        say(&format!("+{} weeks: {}", revision.week, counts.join(", ")));
    }
    let mut roles: BTreeMap<&str, usize> = BTreeMap::new();
    for known in &sample.known {
        *roles.entry(&known.point.role).or_default() += 1;
    }
    say(&format!("{roles:?}"));
}

/// Writes the patches; those stay that make of the base tree exactly what they should.
fn cases<'s>(sample: &'s Sample, trees: &Trees, keep: &Path) -> Vec<Case<'s>> {
    let mut written = Vec::new();
    let mut dropped: BTreeMap<(Encoding, String), usize> = BTreeMap::new();
    for known in &sample.known {
        for encoding in
            Encoding::ALL.into_iter().filter(|encoding| MODES.iter().any(|mode| wanted(*encoding, mode)))
        {
            let text = &trees.texts[&0][&known.point.place.path];
            let patch = match encode::write(&known.point, encoding, text) {
                Ok(patch) => patch,
                Err(why) => {
                    *dropped.entry((encoding, why.to_owned())).or_default() += 1;
                    continue;
                }
            };
            let write = |kind: &str| {
                let dir = keep.join(kind).join(format!("{}-{}", known.id, encoding.name()));
                std::fs::create_dir_all(&dir).unwrap();
                let file = dir.join("patch.toml");
                // Another run may be reading it.
                if std::fs::read_to_string(&file).is_ok_and(|there| there == patch.patch) {
                    return file;
                }
                std::fs::write(&file, &patch.patch).unwrap();
                file
            };
            let locked = (!encoding.is_text()).then(|| write("locked"));
            let (before, after) = (patch.before, patch.after);
            written.push(Case { known, encoding, patch: write("patches"), locked, before, after });
        }
    }
    let at_base = parallel(&written, |case| {
        let point = &case.known.point;
        let text = &trees.texts[&0][&point.place.path];
        let line = trees.line(0, &point.place.path, point.place.line);
        let wanted = points::apply(text, point.place.line, line, &point.edit);
        let did = measure::apply(&trees.dirs[&0], &case.patch, None);
        match did.code {
            0 if did.files == [(point.place.path.clone(), wanted)] => None,
            0 => Some("at base it makes something else".to_owned()),
            1 => Some(format!("at base: {}", did.report["cause"].as_str().unwrap_or("?"))),
            code => Some(format!("at base: exit {code}")),
        }
    });
    let mut cases = Vec::new();
    for (case, objection) in written.into_iter().zip(at_base) {
        match objection {
            None => cases.push(case),
            Some(why) => *dropped.entry((case.encoding, why)).or_default() += 1,
        }
    }
    for encoding in Encoding::ALL {
        let count = cases.iter().filter(|case| case.encoding == encoding).count();
        say(&format!("{}: {count} patches", encoding.name()));
    }
    for ((encoding, why), count) in dropped {
        say(&format!("  {} dropped: {count} {why}", encoding.name()));
    }
    cases
}

/// The modes that the binary knows; locks are made for all cases that want one.
fn available(cases: &mut [Case<'_>], trees: &Trees) -> Vec<Mode> {
    if cases.is_empty() {
        return Vec::new();
    }
    let knows_locks = measure::binary().args(["lock", "--help"]).output().unwrap().status.success();
    if knows_locks {
        let failed = parallel(cases, |case| measure::lock(&trees.dirs[&0], case.locked.as_ref()?).err());
        let (mut count, mut first) = (0, None);
        for (case, failed) in cases.iter_mut().zip(failed) {
            if let Some(why) = failed {
                first = first.or_else(|| Some(format!("{}: {why}", case.locked.take().unwrap().display())));
                case.locked = None;
                count += 1;
            }
        }
        if let Some(first) = first {
            say(&format!("NO LOCK for {count} patches; the first: {first}"));
        }
    }
    let first = &cases[0];
    let knows = |mode: &Mode| {
        let did = measure::apply(&trees.dirs[&0], &first.patch, mode.drift);
        (knows_locks || !mode.lock) && !(did.code == 2 && did.stderr.contains("unexpected argument"))
    };
    let modes: Vec<Mode> = MODES.into_iter().filter(knows).collect();
    for mode in MODES.iter().filter(|mode| !modes.contains(mode)) {
        say(&format!("n/a: the binary does not know {}", mode.name));
    }
    modes
}

fn run(
    cases: &[Case<'_>],
    modes: &[Mode],
    trees: &Trees,
    tables: &mut Tables,
    out: &mut (impl std::io::Write + Send),
) {
    let mut jobs: Vec<(&Case<'_>, u32)> =
        cases.iter().flat_map(|case| case.known.truth.keys().map(move |week| (case, *week))).collect();
    // The hardest first: a run that is ended early has said the most.
    jobs.sort_by_key(|(_, week)| std::cmp::Reverse(*week));
    let out = Mutex::new(out);
    let started = std::time::Instant::now();
    let results = parallel(&jobs, |(case, week)| {
        let (class, right) = trees.right(case.known, *week, (case.before, case.after));
        let fits = |mode: &&Mode| (case.locked.is_some() || !mode.lock) && wanted(case.encoding, mode);
        let one = |mode: &Mode| {
            let (class, verdict, record) = once(case, *week, mode, class, &right, trees);
            let mut out = out.lock().unwrap();
            writeln!(out, "{record}").and_then(|()| out.flush()).unwrap();
            (row(case.encoding, mode), class, verdict)
        };
        modes.iter().filter(fits).map(one).collect::<Vec<_>>()
    });
    let runs = results.iter().map(Vec::len).sum::<usize>();
    say(&format!("{runs} runs in {:.0?}", started.elapsed()));
    for ((_, week), results) in jobs.iter().zip(results) {
        for (row, class, verdict) in results {
            tables.add(&row, *week, class, verdict);
        }
    }
}

/// One run, and what to know to repeat it by hand.
fn once(
    case: &Case<'_>,
    week: u32,
    mode: &Mode,
    class: Class,
    right: &Right,
    trees: &Trees,
) -> (Class, Verdict, serde_json::Value) {
    let patch = if mode.lock { case.locked.as_ref().unwrap() } else { &case.patch };
    let did = measure::apply(&trees.dirs[&week], patch, mode.drift);
    let (verdict, breaks) = trees.judge(case.known, week, (class, right), did.code, &did.files);
    // The lock's item is a veto: to land in another one, which may be the same under a new name, is right, and so is a refusal.
    let (class, verdict) = match mode.lock && class.should_land() && trees.is_in_other_item(case.known, week)
    {
        true if verdict == Verdict::Refused => (Class::OtherItem, Verdict::Right),
        true => (Class::OtherItem, verdict),
        false => (class, verdict),
    };
    let drift = mode.drift.map(|drift| format!(" --drift {drift}")).unwrap_or_default();
    let tree = trees.dirs[&week].join(repo::WORKSPACE);
    let point = &case.known.point;
    let mut record = json!({
        "id": case.known.id, "class": class.name(), "week": week, "encoding": case.encoding.name(),
        "mode": mode.name, "verdict": verdict.name(), "exit": did.code, "should_land": class.should_land(),
        "base": shown(&point.place), "role": point.role, "edit": point.edit,
        "expected": case.known.truth[&week].to.as_ref().map(shown), "patch": patch, "tree": tree,
        "run": format!("codex-patcher apply -n -d -w {} -p {}{drift}", tree.display(), patch.display()),
        "status": did.report["status"], "cause": did.report["cause"], "reason": did.report["reason"],
        "hint": did.report["hint"],
    });
    if verdict != Verdict::Right {
        let wanted = right
            .file
            .as_ref()
            .map(|(path, content)| diffy::create_patch(&trees.texts[&week][path], content).to_string());
        record["expected_diff"] = json!(wanted);
        record["breaks"] = json!(breaks);
        record["between"] = json!(case.known.truth[&week].between);
        record["got_diff"] = json!(did.diff);
        record["stderr"] = json!(did.stderr);
        record["report"] = did.report;
    }
    (class, verdict, record)
}

fn shown(place: &follow::Place) -> String {
    format!("{}:{}", place.path, place.line + 1)
}

/// The same changes with other tools; what they did is kept, as it does not depend on the binary.
fn compare(
    mirror: &Path,
    cases: &[Case<'_>],
    trees: &Trees,
    keep: &Path,
    tables: &mut Tables,
) -> Vec<String> {
    let scratch = rivals::scratch(mirror, keep);
    let base = &trees.revisions[0].id;
    let mut rows = vec!["git merge-tree".to_owned(), "git apply --3way".to_owned()];
    if rivals::has_patch() {
        rows.push("patch --fuzz=3".to_owned());
    } else {
        say("SKIPPED: there is no patch(1) to compare with");
    }
    let cache = keep.join("rivals-2.json");
    let mut known: BTreeMap<String, String> = std::fs::read_to_string(&cache)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let texts: Vec<&Case<'_>> = cases.iter().filter(|case| case.encoding == Encoding::Text).collect();
    let name = |case: &Case<'_>, week: u32, row: &str| {
        let place = &case.known.point.place;
        let edit = points::hash(&format!("{:?}", case.known.point.edit));
        format!("{row} +{week} {} {edit:x} {base}", shown(place))
    };
    let todo: Vec<&&Case<'_>> = texts
        .iter()
        .filter(|case| {
            let weeks = case.known.truth.keys();
            weeks.into_iter().any(|week| rows.iter().any(|row| !known.contains_key(&name(case, *week, row))))
        })
        .collect();
    let new = parallel(&todo, |case| {
        let work = tempfile::tempdir().unwrap();
        let point = &case.known.point;
        let path = &point.place.path;
        let text = &trees.texts[&0][path];
        let line = trees.line(0, path, point.place.line);
        let edited = points::apply(text, point.place.line, line, &point.edit);
        let (commit, diff) = rivals::commit(&scratch, base, path, &edited, work.path());
        let mut found = Vec::new();
        for &week in case.known.truth.keys() {
            let (class, right) = trees.right(case.known, week, (case.before, case.after));
            let rev = &trees.revisions.iter().find(|revision| revision.week == week).unwrap().id;
            for row in &rows {
                let (code, files) = match row.as_str() {
                    "git merge-tree" => rivals::merge_tree(&scratch, &commit, rev),
                    "git apply --3way" => rivals::apply_three_way(&scratch, &diff, rev, work.path()),
                    _ => {
                        let later = trees.texts[&week].get(path).map(String::as_str);
                        rivals::patch(&diff, path, later, work.path())
                    }
                };
                let (verdict, _) = trees.judge(case.known, week, (class, &right), code, &files);
                found.push((name(case, week, row), verdict.name().to_owned()));
            }
        }
        found
    });
    known.extend(new.into_iter().flatten());
    std::fs::write(cache, serde_json::to_string(&known).unwrap()).unwrap();
    for case in texts {
        for &week in case.known.truth.keys() {
            let (class, _) = trees.right(case.known, week, (case.before, case.after));
            for row in &rows {
                let verdict = match known[&name(case, week, row)].as_str() {
                    "right" => Verdict::Right,
                    "refused" => Verdict::Refused,
                    "merged by tokens" => Verdict::Merged,
                    _ => Verdict::Wrong,
                };
                tables.add(row, week, class, verdict);
            }
        }
    }
    rows
}

/// The bars. Without a history, only those against what is wrong.
fn hold(tables: &Tables, plain: bool) {
    let mut broken = Vec::new();
    for encoding in Encoding::ALL {
        for mode in &MODES {
            let row = row(encoding, mode);
            let Some(all) = tables.sum(&row, |_, _| true) else { continue };
            if (encoding.is_text() || mode.lock) && all.wrong > 0 {
                broken.push(format!("{row}: {} wrong", all.wrong));
            }
            let easy = tables.sum(&row, |_, class| matches!(class, Class::Untouched | Class::Shifted));
            if let Some(easy) = easy.filter(|easy| easy.landed < easy.should) {
                broken.push(format!("{row}: {} untouched not right", easy.should - easy.landed));
            }
            let mut bar = |percent: f64, sum: Option<tables::Count>, when: &str| {
                if let Some(sum) = sum.filter(|sum| !plain && sum.should > 0 && sum.percent() < percent) {
                    broken.push(format!("{row}: {:.1} % {when}, under {percent} %", sum.percent()));
                }
            };
            match (encoding, mode.name) {
                (Encoding::Text, "move") => {
                    bar(95.0, Some(all), "overall");
                    bar(90.0, tables.sum(&row, |week, _| week == 6), "at six weeks");
                }
                (Encoding::AstItem | Encoding::AstStatement | Encoding::TreeSitter, "lock+move") => {
                    bar(95.0, Some(all), "overall");
                }
                (_, "lock+merge") => {
                    let stayed = tables.sum(&row, |_, class| !matches!(class, Class::Moved | Class::Both));
                    bar(95.0, stayed, "of those that did not leave their file");
                }
                _ => {}
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
