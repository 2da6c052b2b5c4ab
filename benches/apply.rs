//! A run end to end, ours beside the naive one of `naive/mod.rs`, in one process and one run: the ratios are what counts.
//!
//! `apply/…` writes. Each file written is synced, and what a sync costs is the disk's affair; so `plan/…` measures
//! the same scenarios without writing. Both implementations give the same bytes, which is checked before
//! anything is measured. *Ours* begins with the patch files on the disk, as the binary does, and runs on threads of its
//! own, so that no parser and no pattern is warm that a process would have to warm; starting those threads counts.
//!
//! `cargo bench --bench apply`; the tree lies in the system's temporary directory (`TMPDIR`).

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the walls are for the library; a bench makes trees"
)]

mod naive;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use codex_patcher::config::loader;
use codex_patcher::outcome::{Command, Report, Status};
use codex_patcher::run::{DiskTree, Mode, Options, apply_patches};
use codex_patcher::workspace::Workspace;
use criterion::{BatchSize, BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};

use naive::{Patch, Query, Sink};

/// A tree and patches over it, on the disk.
struct Scenario {
    name: &'static str,
    dir: tempfile::TempDir,
    files: BTreeMap<String, String>,
    patches: Vec<Patch>,
    patch_files: Vec<PathBuf>,
}

impl Scenario {
    /// Puts the patches into `sets` patch files, one after another.
    fn new(name: &'static str, files: &[(&str, String)], patches: Vec<Patch>, sets: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut all: BTreeMap<String, String> =
            files.iter().map(|(path, text)| ((*path).to_owned(), text.clone())).collect();
        all.entry("Cargo.toml".to_owned()).or_insert_with(|| manifest(1));
        let mut patch_files = Vec::new();
        for (at, set) in patches.chunks(patches.len().div_ceil(sets)).enumerate() {
            let path = dir.path().join(format!("set-{at}.toml"));
            let text: String = set.iter().enumerate().map(|(n, p)| patch_source(at * 100 + n, p)).collect();
            fs::write(&path, text).unwrap();
            patch_files.push(path);
        }
        let scenario = Self { name, dir, files: all, patches, patch_files };
        fs::create_dir_all(scenario.root()).unwrap();
        scenario.restore();
        scenario
    }

    /// The same, with all patches applied already.
    fn applied(name: &'static str, files: &[(&str, String)], patches: Vec<Patch>) -> Self {
        let mut scenario = Self::new(name, files, patches, 1);
        naive::apply(&scenario.root(), &scenario.patches, &mut Sink::Disk);
        scenario.files = scenario.tree();
        scenario
    }

    fn root(&self) -> PathBuf {
        self.dir.path().join("tree")
    }

    /// Puts the files back and waits for the disk, so that what is measured does not pay for it.
    fn restore(&self) {
        for (path, text) in &self.files {
            let mut file = fs::File::create(self.root().join(path)).unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file.sync_all().unwrap();
        }
    }

    fn tree(&self) -> BTreeMap<String, String> {
        let entries = fs::read_dir(self.root()).unwrap().map(|entry| entry.unwrap().path());
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        entries.map(|path| (name(&path), fs::read_to_string(&path).unwrap())).collect()
    }

    fn naive(&self, sink: &mut Sink) -> usize {
        naive::apply(&self.root(), &self.patches, sink)
    }

    fn ours(&self, mode: Mode) -> Report {
        let threads = rayon::ThreadPoolBuilder::new().build().unwrap();
        threads.install(|| {
            let workspace = Workspace::find(Some(&self.root()), self.dir.path()).unwrap();
            let set = loader::load(&self.patch_files, &[]).unwrap();
            let options = Options { mode, ..Options::new(Command::Apply) };
            let tree = DiskTree::new(&workspace, self.dir.path());
            apply_patches(&tree, &set, &options, &|_, _| ()).unwrap()
        })
    }

    /// Both give the same tree, and change what they are meant to change.
    fn check(&self) {
        self.restore();
        let changes = self.naive(&mut Sink::Disk);
        let expected = self.tree();
        self.restore();
        let report = self.ours(Mode::Write);
        assert_eq!(report.summary.get(&Status::Failed), None, "{:#?}", report.patches);
        assert_eq!(report.summary.get(&Status::Applied).copied().unwrap_or(0), changes);
        assert!(self.tree() == expected, "{}: the same bytes", self.name);
        assert_eq!(expected == self.files, changes == 0, "{}", self.name);
        assert!(changes == self.patches.len() || changes == 0, "{}", self.name);
        self.restore();
    }
}

fn patch_source(n: usize, patch: &Patch) -> String {
    let (kind, query) = match &patch.query {
        Query::Text(search) => ("text", format!("search = '''{search}'''")),
        Query::Pattern(pattern) => ("ast-grep", format!("pattern = '''{pattern}'''")),
        Query::Item(keyword, name) => ("tree-sitter", format!("pattern = '{keyword} {name}'")),
        Query::Toml(section, key) => ("toml", format!("section = '{section}'\nkey = '{key}'")),
    };
    let (operation, field) = if kind == "toml" { ("replace-value", "value") } else { ("replace", "text") };
    format!(
        "[[patches]]\nid = 'p{n}'\nfile = '{}'\n\n[patches.query]\ntype = '{kind}'\n{query}\n\n\
         [patches.operation]\ntype = '{operation}'\n{field} = '''{}'''\n\n",
        patch.file, patch.text
    )
}

/// Xorshift: the same sources on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// At least `size` bytes of Rust: numbered blocks of constants, types, impls, functions, macros, strings and tests.
fn rust(seed: u64, size: usize) -> String {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut text = String::from("//! Generated.\n\nuse std::collections::HashMap;\n");
    for n in 0.. {
        if text.len() >= size {
            break;
        }
        block(&mut text, n, &mut random);
    }
    text
}

fn block(text: &mut String, n: usize, random: &mut Random) {
    let (a, b) = (random.below(1000), random.below(1000));
    let _ = write!(
        text,
        "\n/// Most of kind {n} that may wait.\npub const LIMIT_{n}: usize = {a};\n\n\
         #[derive(Debug, Clone, Default)]\npub struct Part{n} {{\n    pub width: Option<usize>,\n    names: HashMap<String, Vec<u8>>,\n}}\n\n\
         pub fn step_{n}(part: &Part{n}, depth: usize) -> Result<usize, String> {{\n    if depth > LIMIT_{n} {{\n        \
         return Err(format!(\"too deep: {{depth}} of {{}}\", {b}));\n    }}\n    let wide = retry_{n}(depth + 1, part.width.unwrap_or({b}))?;\n"
    );
    for m in 0..random.below(4) {
        let _ = write!(
            text,
            "    // What comes of {m}.\n    let wide = wide.checked_add({m}).ok_or_else(|| \"wide {m}\".to_owned())?;\n"
        );
    }
    text.push_str("    Ok(wide)\n}\n\n");
    let _ = match random.below(4) {
        0 => write!(
            text,
            "impl Part{n} {{\n    pub fn name(&self, key: &str) -> Option<&[u8]> {{\n        self.names.get(key).map(Vec::as_slice)\n    }}\n\n    \
             pub async fn load_{n}(mut self) -> Self {{\n        for at in 0..{a} {{\n            self.names.insert(at.to_string(), vec![1, 2, at as u8]);\n        }}\n        self\n    }}\n}}\n\n"
        ),
        1 => write!(
            text,
            "pub enum Kind{n}<'a, T: Clone> {{\n    One(T),\n    Many {{ all: &'a [T] }},\n    Other,\n}}\n\n\
             impl<'a, T: Clone> Kind{n}<'a, T> {{\n    fn size(&self) -> usize {{\n        match self {{\n            Self::One(_) => 1,\n            Self::Many {{ all }} if all.is_empty() => 0,\n            Self::Many {{ all }} => all.len(),\n            Self::Other => {b},\n        }}\n    }}\n}}\n\n"
        ),
        2 => write!(
            text,
            "macro_rules! part_{n} {{\n    ($($name:ident = $value:expr),* $(,)?) => {{ vec![$((stringify!($name), $value)),*] }};\n}}\n\n\
             static TEXT_{n}: &str = r#\"fn step_{n}() {{ not code }} retry_{n}(1, 2)\"#;\n\n"
        ),
        _ => write!(
            text,
            "#[cfg(test)]\nmod tests_{n} {{\n    use super::*;\n\n    #[test]\n    fn it_is_{a}() {{\n        let part = Part{n}::default();\n        assert_eq!(step_{n}(&part, 3), Ok({b}), \"{{:?}}\", part);\n    }}\n}}\n\n"
        ),
    };
    let _ = write!(
        text,
        "fn retry_{n}(times: usize, wide: usize) -> Result<usize, String> {{\n    Ok(times * wide)\n}}\n"
    );
}

fn manifest(crates: usize) -> String {
    let mut text =
        String::from("[workspace]\nresolver = \"2\"\n\n[workspace.package]\nversion = \"0.125.0\" # bench\n");
    for n in 0..crates {
        let _ = write!(
            text,
            "\n[profile.part-{n}]\ninherits = \"release\"\nlto = \"fat\" # of {n}\nopt-level = {}\nrpath = false\n",
            n % 4
        );
    }
    text
}

/// A patch of each kind for Rust in turn, on block `n`.
fn any(file: &str, n: usize, source: &str) -> Patch {
    let name = format!("step_{n}");
    let patch = |query, text| Patch { file: file.to_owned(), query, text };
    match n % 4 {
        0 => {
            let start = source.find(&format!("pub const LIMIT_{n}:")).unwrap();
            let line = source[start..].lines().next().unwrap();
            patch(Query::Text(line.to_owned()), format!("pub const LIMIT_{n}: usize = 100_{n};"))
        }
        1 => call(file, n),
        2 => patch(
            Query::Item("fn", name.clone()),
            format!(
                "pub fn {name}(_: &Part{n}, depth: usize) -> Result<usize, String> {{\n    // Off.\n    Ok(depth)\n}}"
            ),
        ),
        _ => {
            patch(Query::Item("const", format!("LIMIT_{n}")), format!("pub const LIMIT_{n}: usize = 10_{n};"))
        }
    }
}

fn call(file: &str, n: usize) -> Patch {
    Patch {
        file: file.to_owned(),
        query: Query::Pattern(format!("retry_{n}($TIMES, $WIDE)")),
        text: format!("retry_{n}($TIMES, $WIDE, LIMIT_{n})"),
    }
}

/// Patterns of several shapes.
fn pattern(file: &str, n: usize) -> Patch {
    let (query, text) = match n % 5 {
        0 => (
            format!("pub fn step_{n}($$$ARGS) -> Result<usize, String> {{ $$$BODY }}"),
            format!("pub fn step_{n}($$$ARGS) -> Result<usize, String> {{ Ok(LIMIT_{n}) }}"),
        ),
        1 => (
            format!("let $WIDE = retry_{n}($$$ARGS)?;"),
            format!("let $WIDE = retry_{n}($$$ARGS).unwrap_or(LIMIT_{n});"),
        ),
        2 => {
            (format!("if depth > LIMIT_{n} {{ $$$BODY }}"), format!("if depth > 2 * LIMIT_{n} {{ $$$BODY }}"))
        }
        3 => (
            format!("pub const LIMIT_{n}: usize = $VALUE;"),
            format!("pub const LIMIT_{n}: usize = $VALUE + 1;"),
        ),
        _ => return call(file, n),
    };
    Patch { file: file.to_owned(), query: Query::Pattern(query), text }
}

fn toml_value(n: usize, key: &str, value: &str) -> Patch {
    let query = Query::Toml(format!("profile.part-{n}"), key.to_owned());
    Patch { file: "Cargo.toml".to_owned(), query, text: value.to_owned() }
}

const SMALL: usize = 40_000;
const LARGE: usize = 100_000;

fn scenarios() -> Vec<Scenario> {
    let small = rust(1, SMALL);
    let ten: Vec<Patch> = (0..10).map(|n| any("a.rs", 3 * n, &small)).collect();
    let names: Vec<String> = (0..10).map(|n| format!("file-{n}.rs")).collect();
    let each: Vec<(&str, String)> =
        names.iter().enumerate().map(|(n, name)| (name.as_str(), rust(n as u64, SMALL))).collect();
    let spread: Vec<Patch> =
        each.iter().enumerate().map(|(n, (name, text))| any(name, 3 * n, text)).collect();
    let large = rust(2, LARGE);
    let patterns: Vec<Patch> = (0..50).map(|n| pattern("a.rs", 2 * n)).collect();
    let mixed = [
        (0..4).map(|n| any("a.rs", 5 * n, &small)).collect::<Vec<_>>(),
        (0..2).map(|n| toml_value(3 * n, "lto", "\"off\"")).collect(),
        (3..7).map(|n| any("b.rs", 5 * n, &large)).collect(),
        (2..4).map(|n| toml_value(3 * n, "opt-level", "0")).collect(),
    ];
    let trees = [("a.rs", small.clone()), ("b.rs", large.clone()), ("Cargo.toml", manifest(40))];
    let one = |text: &String| [("a.rs", text.clone())];
    vec![
        Scenario::new("1 patch, 1 file of 40 kB", &one(&small), vec![call("a.rs", 20)], 1),
        Scenario::new("10 patches, 1 file of 40 kB", &one(&small), ten.clone(), 1),
        Scenario::new("10 patches, 10 files of 40 kB", &each, spread, 1),
        Scenario::new("50 patterns, 1 file of 100 kB", &one(&large), patterns, 1),
        Scenario::applied("10 patches in place, 1 file of 40 kB", &one(&small), ten),
        Scenario::new("12 patches of 4 kinds, 3 files", &trees, mixed.concat(), 3),
    ]
}

fn bench(criterion: &mut Criterion) {
    let scenarios = scenarios();
    scenarios.iter().for_each(Scenario::check);
    for scenario in &scenarios {
        let mut group = criterion.benchmark_group(format!("apply/{}", scenario.name));
        group.sampling_mode(SamplingMode::Flat);
        group.bench_function(BenchmarkId::from_parameter("naive"), |bencher| {
            let run = |()| black_box(scenario.naive(&mut Sink::Disk));
            bencher.iter_batched(|| scenario.restore(), run, BatchSize::PerIteration);
        });
        group.bench_function(BenchmarkId::from_parameter("ours"), |bencher| {
            let run = |()| black_box(scenario.ours(Mode::Write));
            bencher.iter_batched(|| scenario.restore(), run, BatchSize::PerIteration);
        });
        group.finish();
        scenario.restore();
    }
    for scenario in &scenarios {
        let mut group = criterion.benchmark_group(format!("plan/{}", scenario.name));
        group.sampling_mode(SamplingMode::Flat);
        group.bench_function(BenchmarkId::from_parameter("naive"), |bencher| {
            bencher.iter(|| black_box(scenario.naive(&mut Sink::LockState(BTreeMap::new()))));
        });
        group.bench_function(BenchmarkId::from_parameter("ours"), |bencher| {
            bencher.iter(|| black_box(scenario.ours(Mode::Report)));
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500));
    targets = bench
}
criterion_main!(benches);
