//! Trails through histories in memory.

pub(crate) mod story;

use proptest::prelude::*;

use super::*;
use story::Story;

/// The file at the end, with the definition applied; it must stand there once.
fn patched(story: &Story, end: &End) -> (String, String) {
    let End::Today(definition) = end else { panic!("{end:?}") };
    let file = &story.last()[&definition.path];
    assert_eq!(file.matches(&definition.search).count(), 1, "{definition:?}\n{file}");
    (definition.path.clone(), file.replace(&definition.search, &definition.text))
}

const FILE: &str = "fn first() {\n    alpha();\n}\n\nfn second() {\n    let limit = bound(40);\n    beta(limit);\n    gamma();\n}\n\nfn third() {\n    delta();\n}\n";
const SEARCH: &str = "let limit = bound(40);";
const TEXT: &str = "let limit = bound(80);";
const BLOCK: &str = "fn second() {\n    let limit = bound(40);\n    beta(limit);\n    gamma();\n}\n";
const REST: &str = "fn first() {\n    alpha();\n}\n\nfn third() {\n    delta();\n}\n";

fn others(name: &str) -> String {
    (0..8).map(|n| format!("fn {name}{n}() {{\n    {name}_call({n});\n}}\n\n")).collect()
}

/// The patch of `SEARCH` in `a.rs` ends as this.
fn ends(story: &Story, path: &str, file: &str, moved: &[bool]) {
    let trail = story.follow("a.rs", SEARCH, TEXT);
    assert_eq!(patched(story, &trail.end), (path.to_owned(), file.to_owned()));
    let steps: Vec<bool> = trail.steps.iter().map(|step| step.moved).collect();
    assert_eq!(steps, moved);
}

#[test]
fn the_example_in_the_header() {
    let typed = FILE.replace("let limit =", "let limit: usize =");
    let block = BLOCK.replace("let limit =", "let limit: usize =");
    let story = Story::new(&[("a.rs", FILE), ("b.rs", "fn fourth() {}\n")])
        .commit(&[("a.rs", &typed)])
        .commit(&[("a.rs", REST), ("b.rs", &format!("fn fourth() {{}}\n\n{block}"))]);
    let file = format!("fn fourth() {{}}\n\n{}", block.replace("40", "80"));
    ends(&story, "b.rs", &file, &[false, true]);
}

#[test]
fn a_text_that_stands_there_has_no_trail() {
    let trail = Story::new(&[("a.rs", FILE)]).follow("a.rs", SEARCH, TEXT);
    assert_eq!(trail.steps, []);
    assert!(matches!(trail.end, End::Today(definition) if definition.search == SEARCH));
    let trail = Story::new(&[("a.rs", FILE)]).follow("a.rs", "never", TEXT);
    assert_eq!(trail, Trail { steps: Vec::new(), end: End::Unknown });
    let trail = Story::new(&[("a.rs", FILE)]).follow("b.rs", SEARCH, TEXT);
    assert_eq!(trail.end, End::Unknown);
}

#[test]
fn a_change_is_followed_through_three_commits() {
    let one = FILE.replace("let limit = bound(40)", "let maximum = bound(40)");
    let two = one.replace("bound(40);", "bound(40).await;");
    let three = two.replace("let maximum =", "let maximum: usize =");
    let story = Story::new(&[("a.rs", FILE), ("b.rs", "b\n")])
        .commit(&[("a.rs", &one)])
        .commit(&[("b.rs", "c\n")])
        .commit(&[("a.rs", &two)])
        .commit(&[("a.rs", &three)]);
    ends(&story, "a.rs", &three.replace("40", "80"), &[false; 3]);
}

#[test]
fn a_renamed_file_is_followed() {
    let edited = FILE.replace("let limit =", "let limit: usize =");
    let story = Story::new(&[("a.rs", FILE)])
        .rename(&[("a.rs", "src/b.rs")], &[])
        .rename(&[("src/b.rs", "src/c.rs")], &[("src/c.rs", &edited)]);
    ends(&story, "src/c.rs", &edited.replace("40", "80"), &[false; 2]);
}

#[test]
fn a_block_that_left_for_another_file_is_followed() {
    let other = format!("{}{BLOCK}", others("other"));
    let story =
        Story::new(&[("a.rs", FILE), ("b.rs", &others("other"))]).commit(&[("a.rs", REST), ("b.rs", &other)]);
    ends(&story, "b.rs", &other.replace("40", "80"), &[true]);
}

#[test]
fn an_inline_module_that_became_a_file_is_followed() {
    let block = "    fn checks() {\n        let limit = bound(40);\n        beta(limit);\n    }\n";
    let inline = format!("{REST}\nmod tests {{\n    use super::*;\n\n{block}}}\n");
    let own = "use super::*;\n\nfn checks() {\n    let limit = bound(40);\n    beta(limit);\n}\n";
    let story = Story::new(&[("a.rs", &inline)])
        .commit(&[("a.rs", &format!("{REST}\nmod tests;\n")), ("a/tests.rs", own)]);
    let wanted = own.replace("bound(40);", "bound(80);\n    extra();");
    let trail = story.follow("a.rs", block, &block.replace("bound(40);", "bound(80);\n        extra();"));
    assert_eq!(patched(&story, &trail.end), ("a/tests.rs".to_owned(), wanted));
}

#[test]
fn a_block_that_moved_within_its_file_is_followed() {
    let long = format!("{BLOCK}\n{}", others("other"));
    let inner: String = BLOCK.lines().map(|line| format!("    {line}\n")).collect();
    let moved = format!("{}mod inner {{\n{inner}}}\n", others("other"));
    let story = Story::new(&[("a.rs", &long)]).commit(&[("a.rs", &moved)]);
    let trail = story.follow("a.rs", BLOCK, &BLOCK.replace("40", "80"));
    assert_eq!(patched(&story, &trail.end), ("a.rs".to_owned(), moved.replace("40", "80")));
    assert!(trail.steps[0].moved);
}

#[test]
fn moved_and_changed_in_one_commit_depends_on_what_changed() {
    let run = |block: &str| {
        let story = Story::new(&[("a.rs", FILE)]).commit(&[("a.rs", REST), ("b.rs", block)]);
        let trail = story.follow("a.rs", BLOCK, &BLOCK.replace("40", "80"));
        (story, trail)
    };
    let others = BLOCK.replace("gamma();", "gamma(1);");
    let (story, trail) = run(&others);
    assert_eq!(patched(&story, &trail.end), ("b.rs".to_owned(), others.replace("40", "80")));
    let (_, trail) = run(&BLOCK.replace("bound(40)", "bound(41)"));
    assert_eq!(trail.end, End::Several(Story::commit_of(1), vec![("b.rs".to_owned(), 1)]), "not gone");
}

#[test]
fn two_places_are_named() {
    let (b, c) = (format!("// b\n{BLOCK}"), format!("// c\n\n{BLOCK}"));
    let story = Story::new(&[("a.rs", FILE)]).commit(&[("a.rs", REST), ("b.rs", &b), ("c.rs", &c)]);
    let trail = story.follow("a.rs", BLOCK, &BLOCK.replace("40", "80"));
    let sites = vec![("b.rs".to_owned(), 2), ("c.rs".to_owned(), 3)];
    assert_eq!(trail.end, End::Several(Story::commit_of(1), sites));
}

#[test]
fn what_was_deleted_is_gone() {
    let story = Story::new(&[("a.rs", FILE)]).commit(&[("a.rs", "")]);
    assert_eq!(story.follow("a.rs", SEARCH, TEXT).end, End::Gone(Story::commit_of(1)));
}

#[test]
fn a_fork_that_stood_there_before_is_not_followed() {
    let fork = format!("{}{BLOCK}", others("fork"));
    let touched = fork.replace("fork_call(1)", "fork_call(one)");
    let story = Story::new(&[("a.rs", FILE), ("b.rs", &fork)]).commit(&[("a.rs", ""), ("b.rs", &touched)]);
    let trail = story.follow("a.rs", BLOCK, &BLOCK.replace("40", "80"));
    assert_eq!(trail.end, End::Gone(Story::commit_of(1)));
}

#[test]
fn upstream_may_make_the_change_itself() {
    let story = Story::new(&[("a.rs", FILE)])
        .commit(&[("a.rs", &FILE.replace("limit = bound(40)", "cap = bound(40)"))])
        .commit(&[("a.rs", &FILE.replace("limit = bound(40)", "cap = bound(80)"))]);
    let trail = story.follow("a.rs", SEARCH, TEXT);
    let End::Upstream(definition, commit) = trail.end else { panic!("{trail:?}") };
    assert_eq!((definition.path.as_str(), commit), ("a.rs", Story::commit_of(2)));
    assert!(definition.text.contains("let cap = bound(80);"));
}

#[test]
fn a_conflict_names_commit_path_and_line() {
    let other = FILE.replace("fn first", "// more\nfn first").replace("bound(40)", "bound(41)");
    let story = Story::new(&[("a.rs", FILE)]).rename(&[("a.rs", "b.rs")], &[]).commit(&[("b.rs", &other)]);
    let trail = story.follow("a.rs", SEARCH, TEXT);
    let End::Conflict { commit, path, line, base, ours, theirs } = trail.end else { panic!("{trail:?}") };
    assert_eq!((commit, path.as_str(), line), (Story::commit_of(2), "b.rs", 7));
    let line = |number: u8| format!("    let limit = bound({number});\n");
    assert_eq!([base, ours, theirs], [line(40), line(41), line(80)]);
}

#[test]
fn reverts_and_loops_end() {
    let other = FILE.replace("limit = bound", "cap = bound");
    let story = Story::new(&[("a.rs", FILE)])
        .commit(&[("a.rs", &other)])
        .commit(&[("a.rs", FILE)])
        .commit(&[("a.rs", &other)]);
    ends(&story, "a.rs", &other.replace("40", "80"), &[false]);
    assert_eq!(story.follow("a.rs", SEARCH, TEXT).steps[0].commit, Story::commit_of(3));

    /// A history that says of every text that the same commits lost it.
    struct Loop(Story);
    impl History for Loop {
        fn loss(&self, path: &str, text: &str) -> Loss {
            let before = usize::from(text.contains("cap"));
            let before = Story::commit_of(before).id;
            let text = self.0.text(&before, path).unwrap();
            Loss::In(Story::commit_of(usize::from(text.contains("cap")) + 1), text)
        }
        fn today(&self, path: &str) -> Option<String> {
            self.0.today(path)
        }
        fn changes(&self, commit: &Commit, path: &str) -> Vec<FileChange> {
            self.0.changes(commit, path)
        }
        fn last_with(&self, path: &str, holds: &mut dyn FnMut(&str) -> bool) -> LastHeld {
            self.0.last_with(path, holds)
        }
        fn first_with(&self, path: &str, holds: &mut dyn FnMut(&str) -> bool) -> Option<String> {
            self.0.first_with(path, holds)
        }
        fn text(&self, revision: &str, path: &str) -> Option<String> {
            self.0.text(revision, path)
        }
        fn fate(&self, path: &str) -> Option<(Commit, Option<String>)> {
            self.0.fate(path)
        }
    }
    let start = Definition { path: "a.rs".to_owned(), search: SEARCH.to_owned(), text: TEXT.to_owned() };
    let trail = follow(start, &Loop(story));
    assert_eq!((trail.steps.len(), trail.end), (2, End::Unknown));
}

#[test]
fn a_text_that_stood_there_twice_is_unknown() {
    let twice = format!("{FILE}\n{BLOCK}");
    let story = Story::new(&[("a.rs", &twice)]).commit(&[("a.rs", REST)]);
    assert_eq!(story.follow("a.rs", SEARCH, TEXT).end, End::Unknown);
}

#[test]
fn a_part_of_a_line_is_followed() {
    let upstream = FILE.replace("let limit = bound(40);", "let limit = bound(40)?;");
    let story = Story::new(&[("a.rs", FILE)]).commit(&[("a.rs", &upstream)]);
    for (search, text, wanted) in [
        ("    let limit = bound(", "    let cap = bound(", "    let cap = bound(40)?;"),
        ("(40);", "(80);", "    let limit = bound(80)?;"),
        (
            " = bound(40);\n    beta(limit)",
            " = bound(40);\n    beta(cap)",
            "    let limit = bound(40)?;\n    beta(cap);",
        ),
        ("\n    let limit = bound(40);", "\n    let limit = bound(90);", "    let limit = bound(90)?;"),
    ] {
        let trail = story.follow("a.rs", search, text);
        let End::Today(_) = trail.end else {
            assert_eq!(search, "    let limit = bound(", "only what still stands has no trail");
            continue;
        };
        let (_, file) = patched(&story, &trail.end);
        assert!(file.contains(wanted), "{search}: {file}");
    }
}

#[test]
fn a_file_without_a_last_newline_is_followed() {
    let file = "alpha();\nlet limit = bound(40);";
    let upstream = file.replace("limit", "cap");
    let story = Story::new(&[("a.rs", file)]).commit(&[("a.rs", &upstream)]);
    ends(&story, "a.rs", &upstream.replace("40", "80"), &[false]);
    let story = Story::new(&[("a.rs", file)])
        .commit(&[("b.rs", &format!("beta();\n{file}\ngamma();\n")), ("a.rs", "alpha();\n")]);
    let trail = story.follow("a.rs", file, &file.replace("40", "80"));
    assert_eq!(patched(&story, &trail.end).1, "beta();\nalpha();\nlet limit = bound(80);\ngamma();\n");
}

#[test]
fn deletions_and_insertions_are_followed() {
    let upstream = FILE.replace("gamma();", "gamma(ctx);").replace("fn second()", "fn second(ctx: &Context)");
    let story = Story::new(&[("a.rs", FILE)]).commit(&[("a.rs", &upstream)]);
    let trail = story.follow("a.rs", BLOCK, &BLOCK.replace("    beta(limit);\n", ""));
    assert_eq!(patched(&story, &trail.end).1, upstream.replace("    beta(limit);\n", ""));
    let trail = story.follow("a.rs", BLOCK, &BLOCK.replace("    beta", "    check(limit);\n    beta"));
    assert_eq!(patched(&story, &trail.end).1, upstream.replace("    beta", "    check(limit);\n    beta"));
    let upstream = FILE.replace("    beta(limit);\n", "    beta(limit);\n    bound(limit);\n");
    let story = Story::new(&[("a.rs", FILE)]).commit(&[("a.rs", &upstream)]);
    let trail = story.follow("a.rs", BLOCK, &BLOCK.replace("    beta(limit);\n", ""));
    assert_eq!(patched(&story, &trail.end).1, upstream.replace("    beta(limit);\n", ""));
}

/// A line and who it is; a change of its text leaves that.
#[derive(Debug, Clone)]
struct Line {
    id: u32,
    text: String,
}

/// What a commit does; numbers are taken modulo what is there.
#[derive(Debug, Clone)]
enum Act {
    Insert(bool, usize),
    Delete(bool, usize),
    Change(bool, usize),
    Move(bool, usize, usize, usize),
    Rename(bool),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (any::<bool>(), 0..99usize).prop_map(|(file, at)| Act::Insert(file, at)),
        3 => (any::<bool>(), 0..99usize).prop_map(|(file, at)| Act::Delete(file, at)),
        3 => (any::<bool>(), 0..99usize).prop_map(|(file, at)| Act::Change(file, at)),
        2 => (any::<bool>(), 0..99usize, 2..9usize, 0..99usize).prop_map(|(f, at, n, to)| Act::Move(f, at, n, to)),
        1 => any::<bool>().prop_map(Act::Rename),
    ]
}

const NAMES: [&str; 8] = ["parse", "render", "commit", "listen", "encode", "verify", "collect", "notify"];
const THINGS: [&str; 7] = ["header", "window", "socket", "branch", "record", "colour", "ticket"];

/// A line that no other one equals.
fn fresh(id: u32) -> Line {
    let (name, thing) = (NAMES[id as usize % 8], THINGS[id as usize / 8 % 7]);
    Line { id, text: format!("    {name}_{thing}{id}(value{id}, 1);\n") }
}

/// Two files under the names that they have by now, with lines known by what they were.
struct World {
    files: [Vec<Line>; 2],
    names: [String; 2],
    next: u32,
    story: Story,
}

impl World {
    fn new(sizes: [usize; 2]) -> Self {
        let mut next = 0;
        let mut lines = |size: usize| {
            (0..size)
                .map(|_| {
                    next += 1;
                    fresh(next)
                })
                .collect::<Vec<Line>>()
        };
        let files = sizes.map(&mut lines);
        let names = ["a.rs", "b.rs"].map(str::to_owned);
        let story = Story::new(&[("a.rs", &Self::text(&files[0])), ("b.rs", &Self::text(&files[1]))]);
        Self { files, names, next, story }
    }

    fn text(lines: &[Line]) -> String {
        lines.iter().map(|line| line.text.as_str()).collect()
    }

    /// Acts, but never on a line of `kept`, nor between them.
    fn act(&mut self, act: &Act, kept: &[u32]) {
        let mut renames = Vec::new();
        let is_kept = |line: &Line| kept.contains(&line.id);
        match *act {
            Act::Insert(file, at) => {
                self.next += 1;
                let (line, lines) = (fresh(self.next), &mut self.files[usize::from(file)]);
                let at = at % (lines.len() + 1);
                let splits = at > 0 && at < lines.len() && is_kept(&lines[at - 1]) && is_kept(&lines[at]);
                if !splits {
                    lines.insert(at, line);
                }
            }
            Act::Delete(file, at) => {
                let lines = &mut self.files[usize::from(file)];
                let at = at % lines.len();
                if !is_kept(&lines[at]) && lines.len() > 2 {
                    lines.remove(at);
                }
            }
            Act::Change(file, at) => {
                let lines = &mut self.files[usize::from(file)];
                let at = at % lines.len();
                if !is_kept(&lines[at]) {
                    lines[at].text = lines[at].text.replace(", 1);", ", other, 1);");
                }
            }
            Act::Move(file, at, size, to) => {
                let from = usize::from(file);
                let at = at % self.files[from].len();
                let end = (at + size).min(self.files[from].len());
                let splits = |lines: &[Line], at: usize| {
                    at > 0 && at < lines.len() && is_kept(&lines[at - 1]) && is_kept(&lines[at])
                };
                let to = to % (self.files[1 - from].len() + 1);
                if end - at < self.files[from].len()
                    && !splits(&self.files[from], at)
                    && !splits(&self.files[from], end)
                    && !splits(&self.files[1 - from], to)
                {
                    let block: Vec<Line> = self.files[from].drain(at..end).collect();
                    self.files[1 - from].splice(to..to, block);
                }
            }
            Act::Rename(file) => {
                self.next += 1;
                let name = &mut self.names[usize::from(file)];
                let new = format!("r{}.rs", self.next);
                renames.push((name.clone(), new.clone()));
                *name = new;
            }
        }
        let story = std::mem::take(&mut self.story);
        let renames: Vec<(&str, &str)> = renames.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let texts = [0, 1].map(|file| Self::text(&self.files[file]));
        let files = [0, 1].map(|file| (self.names[file].as_str(), texts[file].as_str()));
        self.story = story.rename(&renames, &files);
    }

    /// The patch of one line, with lines around it: search, text, and the id of the line.
    fn patch(&self, at: usize, above: usize, below: usize) -> (String, String, u32) {
        let lines = &self.files[0];
        let span = at.saturating_sub(above)..(at + below + 1).min(lines.len());
        let search = Self::text(&lines[span]);
        let line = &lines[at].text;
        (search.clone(), search.replace(line, &line.replace(", 1);", ", 2);")), lines[at].id)
    }

    /// Where the patched line is now: the file with the change.
    fn wanted(&self, id: u32) -> Option<(String, String)> {
        let file = (0..2).find(|&file| self.files[file].iter().any(|line| line.id == id))?;
        let lines = self.files[file]
            .iter()
            .map(|line| if line.id == id { line.text.replace(", 1);", ", 2);") } else { line.text.clone() });
        Some((self.names[file].clone(), lines.collect()))
    }
}

fn world(sizes: [usize; 2], patch: (usize, usize, usize), acts: &[Act], keeps: bool) -> (World, Trail, u32) {
    let mut world = World::new(sizes);
    let at = patch.0 % sizes[0];
    let (search, text, id) = world.patch(at, patch.1, patch.2);
    let kept: Vec<u32> = if keeps {
        let around = at.saturating_sub(1)..(at + 2).min(sizes[0]);
        world.files[0][around].iter().map(|line| line.id).collect()
    } else {
        Vec::new()
    };
    for act in acts {
        world.act(act, &kept);
    }
    let trail = world.story.follow("a.rs", &search, &text);
    (world, trail, id)
}

fn strategy() -> impl Strategy<Value = ([usize; 2], (usize, usize, usize), Vec<Act>)> {
    let sizes = (6..40usize, 3..30usize).prop_map(|(a, b)| [a, b]);
    (sizes, (0..99usize, 0..4usize, 0..4usize), prop::collection::vec(act(), 1..14))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..Default::default() })]

    #[test]
    fn a_trail_ends_where_the_line_is_or_nowhere((sizes, patch, acts) in strategy()) {
        let (world, trail, id) = world(sizes, patch, &acts, false);
        if let End::Today(_) = trail.end {
            prop_assert_eq!(Some(patched(&world.story, &trail.end)), world.wanted(id));
        }
        let by_upstream = matches!(trail.end, End::Upstream(..));
        prop_assert!(!by_upstream, "no commit makes this change");
    }
}

#[test]
fn few_trails_of_untouched_lines_are_refused() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    let (mut followed, mut refused) = (0, 0);
    for _ in 0..600 {
        let (sizes, patch, acts) = strategy().new_tree(&mut runner).unwrap().current();
        let (world, trail, id) = world(sizes, patch, &acts, true);
        if let End::Today(_) = trail.end {
            assert_eq!(Some(patched(&world.story, &trail.end)), world.wanted(id));
            followed += usize::from(!trail.steps.is_empty());
        } else {
            refused += 1;
        }
    }
    assert!(refused * 10 < followed + refused, "{refused} of {}", followed + refused);
}

#[test]
fn an_inline_test_module_that_becomes_a_file_is_followed() {
    let test = "    #[test]\n    fn falls() {\n        let tide = tide(9);\n        assert_eq!(tide.height(), 4);\n    }\n";
    let before = format!(
        "pub fn tide(hour: u8) -> Tide {{\n    Tide {{ hour }}\n}}\n\n#[cfg(test)]\nmod tests {{\n    use super::tide;\n\n{test}}}\n"
    );
    let after = "pub fn tide(hour: u8) -> Tide {\n    Tide { hour }\n}\n\n#[cfg(test)]\nmod tide_tests;\n";
    let out: String = format!("    use super::tide;\n\n{test}")
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line)))
        .collect();
    let story = Story::new(&[("tide.rs", &before)]).commit(&[("tide.rs", after), ("tide_tests.rs", &out)]);
    let search = "        let tide = tide(9);\n        assert_eq!(tide.height(), 4);\n";
    let trail = story.follow("tide.rs", search, &search.replace("4)", "5)"));
    assert_eq!(patched(&story, &trail.end), ("tide_tests.rs".to_owned(), out.replace("4)", "5)")));
}

#[test]
fn of_like_tests_that_become_a_file_the_one_of_the_name_is_followed() {
    let test = |name: &str, shell: &str, lead: &str| {
        let lines = [
            "#[test]".to_owned(),
            format!("fn {name}() {{"),
            format!("    let session = session_of(\"/bin/{shell}\");"),
            "    let wrapped = wrap(&session, &[\"echo\", \"hello\"]);".to_owned(),
            format!("    assert_eq!(wrapped.first(), Some(\"/bin/{shell}\"));"),
            "    assert_eq!(wrapped.len(), 4);".to_owned(),
            "    assert!(wrapped.iter().all(|word| !word.contains(NUL)));".to_owned(),
            "    let again = wrap(&session, &wrapped);".to_owned(),
            "    assert_eq!(again, wrapped, \"wrapped once is wrapped\");".to_owned(),
            "    session.close_at_once().expect(\"closes\");".to_owned(),
            "}".to_owned(),
        ];
        lines.map(|line| format!("{lead}{line}\n")).concat()
    };
    let tests = |lead: &str, used: &str| {
        let all = [("in_bash", "bash"), ("in_zsh", "zsh"), ("in_dash", "dash")];
        let all = all.map(|(name, shell)| test(name, shell, lead).replace("session_of", used));
        all.join("\n")
    };
    let rest = others("rest");
    let inline = format!("{rest}mod tests {{\n    use super::*;\n\n{}}}\n", tests("    ", "session_of"));
    let search = test("in_zsh", "zsh", "    ");
    let story = Story::new(&[("a.rs", &inline)]).commit(&[
        ("a.rs", &format!("{rest}mod tests;\n")),
        ("a_tests.rs", &format!("use super::*;\n\n{}", tests("", "crate::session_of"))),
    ]);
    let end = story.follow("a.rs", &search, &search.replace("len(), 4", "len(), 5")).end;
    let (path, text) = patched(&story, &end);
    assert_eq!(path, "a_tests.rs");
    let zsh = text.split("#[test]").find(|test| test.contains("in_zsh")).unwrap();
    assert!(zsh.contains("len(), 5"), "{text}");
}

#[test]
fn of_one_function_that_became_two_none_is_taken() {
    let set = "fn set(&self, on: bool) {\n    self.tx.send_if_modified(|state| {\n        let changed = *state != on;\n        *state = on;\n        changed\n    });\n}\n";
    let half = |name: &str, changed: &str, on: &str| {
        set.replace("fn set(&self, on: bool)", &format!("fn {name}(&self)"))
            .replace("*state != on", changed)
            .replace("= on", on)
    };
    let rest = others("rest");
    let file = |middle: &str| format!("{rest}{middle}\n{}", others("other"));
    let search = "    self.tx.send_if_modified(|state| {\n        let changed = *state != on;\n";
    let text = search.replace("modified", "altered");
    let end = |today: &str| {
        let story = Story::new(&[("a.rs", &file(set))]).commit(&[("a.rs", &file(today))]);
        story.follow("a.rs", search, &text).end
    };
    let (on, off) = (half("enable", "!*state", "= true"), half("disable", "*state", "= false"));
    for two in [format!("{on}\n{off}"), format!("{off}\n{on}")] {
        assert!(matches!(end(&two), End::Several(_, sites) if sites.len() == 2), "{:?}", end(&two));
    }
    // One, or with one beside that is as it was, is known.
    for known in [on.clone(), format!("{on}\n{set}"), format!("{set}\n{off}")] {
        assert!(matches!(end(&known), End::Today(_)), "{:?}", end(&known));
    }
}

#[test]
fn of_like_pieces_of_a_text_that_came_back_none_is_restored() {
    let arm = |event: &str, call: &str| {
        format!(
            "        {event} => {{\n            match {call}(tui) {{\n                Ok(thread) => {{\n                    let summary = \
             self.summary_of(thread);\n                    let lines = lines_of(summary);\n                    \
             self.widget.add_lines(lines);\n                }}\n                Err(error) => \
             self.fail(error),\n            }}\n        }}\n"
        )
    };
    let rest: String =
        (0..14).map(|n| format!("        Event::Other{n} => self.on_other{n}(tui, {n}),\n")).collect();
    let handle = |arms: &[String]| {
        format!("fn handle(event: Event) {{\n    match event {{\n{rest}{}    }}\n}}\n", arms.concat())
    };
    let [resume, fork] = [arm("Event::Resume", "resume"), arm("Event::Fork", "fork")];
    let before = handle(&[resume.clone(), fork.clone()]);
    let end_of = before.find("        Event::Fork").unwrap();
    let search = &before[..end_of];
    let text = search.replace("widget.add_lines", "widget.add_own_lines");
    let end = |today: &str| {
        Story::new(&[("a.rs", &before)])
            .commit(&[("a.rs", ""), ("b.rs", &others("other"))])
            .commit(&[("a.rs", today)])
            .follow("a.rs", search, &text)
            .end
    };
    // One of them is left in what took its place, changed.
    let changed = |arm: &str| arm.replace("self.summary_of(thread)", "self.summary_of(app, thread)");
    let both = handle(&[changed(&arm("Event::Attach", "attach")), changed(&fork)]);
    assert!(!matches!(end(&both), End::Today(_)), "{:?}", end(&both));
    let alone = handle(&[changed(&resume)]);
    assert!(matches!(end(&alone), End::Today(_)), "{:?}", end(&alone));
}

#[test]
fn a_file_that_two_inherit_is_not_followed_to_either() {
    let heir = |name: &str| FILE.replace("first", name);
    let story = Story::new(&[("a.rs", FILE)])
        .rename(&[("a.rs", "north.rs")], &[("north.rs", &heir("north")), ("south.rs", &heir("south"))]);
    let End::Several(_, sites) = story.follow("a.rs", SEARCH, TEXT).end else { panic!() };
    assert_eq!(sites, [("north.rs".to_owned(), 6), ("south.rs".to_owned(), 6)]);
    // In one of them the change was made already.
    let made = heir("south").replace(SEARCH, TEXT);
    let story = Story::new(&[("a.rs", FILE)])
        .rename(&[("a.rs", "north.rs")], &[("north.rs", &heir("north")), ("south.rs", &made)]);
    let End::Several(_, sites) = story.follow("a.rs", SEARCH, TEXT).end else { panic!() };
    assert_eq!(sites.len(), 2);
}

#[test]
fn of_several_files_that_lost_the_same_none_is_known_to_have_moved() {
    let file = |name: &str| format!("const TIMEOUT: u64 = seconds(10);\n\n{}", others(name));
    let story = |after: &[(&str, &str)]| {
        Story::new(&[("a.rs", &file("alpha")), ("b.rs", &file("beta")), ("keep.rs", "x\n")]).commit(after)
    };
    let follow = |story: &Story| {
        story.follow("a.rs", "const TIMEOUT: u64 = seconds(10);", "const TIMEOUT: u64 = seconds(60);").end
    };
    let new = file("gamma");
    let both = story(&[("a.rs", ""), ("b.rs", ""), ("c.rs", &new)]);
    assert_eq!(follow(&both), End::Several(Story::commit_of(1), vec![("c.rs".to_owned(), 1)]));
    let one = story(&[("a.rs", ""), ("c.rs", &new)]);
    assert_eq!(patched(&one, &follow(&one)).0, "c.rs");
    let shared = story(&[("a.rs", &others("alpha")), ("b.rs", &others("beta")), ("c.rs", &new)]);
    assert_eq!(patched(&shared, &follow(&shared)).0, "c.rs", "taken out for both");
    let wide = |story: &Story| {
        let search = "const TIMEOUT: u64 = seconds(10);\n\nfn alpha0() {\n";
        story.follow("a.rs", search, &search.replace("10", "60")).end
    };
    assert_eq!(
        wide(&both),
        End::Several(Story::commit_of(1), vec![("c.rs".to_owned(), 1)]),
        "lines around it"
    );
}

#[test]
fn what_moved_and_changed_at_once_is_not_gone() {
    let file = |rest: &str| format!("use a::b;\n\n{rest}{}", others("alpha"));
    let item = "pub const LIMIT: u64 = 40;\n\n";
    let follow = |after: &[(&str, &str)]| {
        let story = Story::new(&[("a.rs", &file(item)), ("b.rs", "fn b() {}\n")]).commit(after);
        story.follow("a.rs", "pub const LIMIT: u64 = 40;", "pub const LIMIT: u64 = 80;").end
    };
    let moved = "fn b() {}\n\npub(crate) const LIMIT: u64 = 40;\n";
    let there = |end: End| {
        let End::Today(place) = end else { panic!("{end:?}") };
        assert_eq!(place.path, "b.rs");
        assert_eq!(place.search, "pub(crate) const LIMIT: u64 = 40;\n", "whoever sees it, it is the same");
        assert_eq!(place.text, "pub(crate) const LIMIT: u64 = 80;\n");
    };
    there(follow(&[("a.rs", &file("")), ("b.rs", moved)]));
    there(follow(&[("a.rs", ""), ("b.rs", moved)]));
    let gone = End::Gone(Story::commit_of(1));
    assert_eq!(follow(&[("a.rs", &file("")), ("b.rs", "fn b() {}\n\nstatic LIMIT: u64 = 40;\n")]), gone);
    let method = "struct S;\nimpl S {\n    pub(crate) const LIMIT: u64 = 40;\n}\n";
    assert_eq!(follow(&[("a.rs", &file("")), ("b.rs", method)]), gone, "another item");
}

const REPORTED: &str = "fn second() {\n    open();\n    report_limit(40);\n    gamma();\n}\n";

/// A file of three functions, of which the second reports.
fn reported(second: &str, third: &str) -> String {
    FILE.replace(BLOCK, second).replace("    delta();\n", third)
}

#[test]
fn a_line_that_was_put_back_is_not_upstreams_change() {
    let report = "    report_limit(40);\n";
    let search = format!("    open();\n{report}");
    let before = reported(REPORTED, "    delta();\n");
    for to in ["", "    report_limit(80);\n"] {
        let adopted = before.replace(report, to);
        let back = adopted.replace("    delta();\n", &format!("    delta();\n{report}"));
        let follow = |story: &Story| story.follow("a.rs", &search, &search.replace(report, to)).end;
        let story = Story::new(&[("a.rs", &before)]).commit(&[("a.rs", &adopted)]);
        assert!(matches!(follow(&story), End::Upstream(..)), "{:?}", follow(&story));
        let story = story.commit(&[("a.rs", &back)]);
        let End::Conflict { commit, line, ours, .. } = follow(&story) else { panic!("{:?}", follow(&story)) };
        assert_eq!((commit, ours.as_str()), (Story::commit_of(1), report.trim_start()));
        assert_eq!(back.lines().nth(line - 1), Some("    report_limit(40);"));
    }
}

#[test]
fn a_line_that_one_commit_put_elsewhere_is_not_gone() {
    let report = "    report_limit(40);\n";
    let around = format!("    open();\n{report}    gamma();\n");
    let before = reported(REPORTED, "    delta();\n");
    let without = REPORTED.replace(report, "");
    let here = reported(&without, &format!("    delta();\n{report}"));
    let away = reported(&without, "    delta();\n");
    let there = format!("fn fourth() {{\n{report}}}\n");
    let end = |after: &[(&str, &str)], search: &str, to: &str| {
        let story = Story::new(&[("a.rs", &before), ("b.rs", "//! B.\n")]).commit(after);
        story.follow("a.rs", search, &search.replace(report, to)).end
    };
    let went = |path: &str, line| End::Several(Story::commit_of(1), vec![(path.to_owned(), line)]);
    let (to_third, to_fourth) = ([("a.rs", here.as_str())], [("a.rs", away.as_str()), ("b.rs", &there)]);
    assert_eq!(end(&to_third, &around, ""), went("a.rs", 12));
    assert_eq!(end(&to_fourth, &around, ""), went("b.rs", 2));
    assert_eq!(end(&to_fourth, report, "    report_limit(80);\n"), went("b.rs", 2));
    let gone = [("a.rs", away.as_str()), ("b.rs", "fn fourth() {}\n")];
    assert!(matches!(end(&gone, &around, ""), End::Upstream(..)));
    assert_eq!(end(&gone, report, "    report_limit(80);\n"), End::Gone(Story::commit_of(1)));
}

#[test]
fn what_came_back_is_not_what_stood_beside_it() {
    let lit = |side: &str, matches: u8| {
        format!(
            "fn light_{side}() {{\n    let lamp = lamp_of({side});\n    strike(lamp, {matches});\n    trim(lamp);\n}}\n\n"
        )
    };
    let (north, south) = (lit("north", 3), lit("south", 5));
    let rest = others("other");
    let search = "    strike(lamp, 3);\n    trim(lamp);\n";
    let text = search.replace('3', "4");
    let end = |today: &str| {
        Story::new(&[("a.rs", &format!("{north}{south}{rest}"))])
            .commit(&[("a.rs", &rest)])
            .commit(&[("a.rs", today)])
            .follow("a.rs", search, &text)
            .end
    };
    let back = format!("{rest}{}", lit("north", 3).replace("trim(lamp)", "trim(lamp, 5)"));
    assert!(matches!(end(&back), End::Today(_)), "{:?}", end(&back));
    for (matches, trim) in [(5, "trim(lamp, 5)"), (3, "trim(lamp, 5)"), (5, "trim(lamp)")] {
        let other = format!("{rest}{}", lit("south", matches).replace("trim(lamp)", trim));
        assert!(!matches!(end(&other), End::Today(_)), "{:?}", end(&other));
    }
    // In one item, what stands beside it there tells.
    let aimed =
        |side: &str, aim: &str| format!("    aim({side}{aim});\n    strike(lamp, 3);\n    trim({side});\n");
    let both = |lines: &str| format!("fn light() {{\n    open();\n{lines}    close();\n}}\n\n{rest}");
    let end = |today: &str| {
        let search = aimed("north", "");
        Story::new(&[("a.rs", &both(&(aimed("north", "") + &aimed("south", ""))))])
            .commit(&[("a.rs", &both(""))])
            .commit(&[("a.rs", &both(today))])
            .follow("a.rs", &search, &search.replace('3', "4"))
            .end
    };
    assert!(matches!(end(&aimed("north", ", 1")), End::Today(_)));
    assert!(!matches!(end(&aimed("south", ", 1")), End::Today(_)));
}

#[test]
fn what_upstream_removed_as_the_patch_would_is_in_place_under_the_names_that_stay() {
    let before = "use a::b;\n\nconst LIMIT: u64 = 40;\n\nfn first() {\n    alpha();\n}\n";
    let after = before.replace("const LIMIT: u64 = 40;\n\n", "").replace("use a::b", "use a::c");
    let story = Story::new(&[("a.rs", before)]).commit(&[("a.rs", &after)]);
    let search = "const LIMIT: u64 = 40;\n\nfn first() {\n";
    let end = story.follow("a.rs", search, "fn first() {\n").end;
    assert!(matches!(end, End::Upstream(..)), "{end:?}");
}

#[test]
fn a_followed_text_keeps_what_names_it() {
    let own = "\nfn own() {\n    own_call();\n}\n";
    let long = FILE.replace("    gamma();\n", "    gamma();\n    epsilon();\n    zeta();\n    eta();\n");
    let block = BLOCK.replace("    gamma();\n", "    gamma();\n    epsilon();\n    zeta();\n    eta();\n");
    let typed = long.replace("bound(40)", "bound(50)");
    let twin = typed.replace("fn second()", "fn deputy()").replace("beta(limit)", "theta(limit, 2)");
    let story = Story::new(&[("a.rs", &long)]).commit(&[("a.rs", &typed)]).commit(&[("a.rs", &twin)]);
    let end = story.follow("a.rs", &block, &(block.clone() + own)).end;
    assert!(!matches!(end, End::Today(_)), "{end:?}");
}

#[test]
fn of_two_neighbours_upstream_deleted_the_other_one() {
    let two = "fn f() {\n    if swell > 2 {\n        weigh(lit);\n    }\n    if chart > 354 {\n        weigh(deck);\n    }\n    let tide = 3;\n}\n";
    let (swell, chart) = (
        "    if swell > 2 {\n        weigh(lit);\n    }\n",
        "    if chart > 354 {\n        weigh(deck);\n    }\n",
    );
    let story = Story::new(&[("a.rs", two)]).commit(&[("a.rs", &two.replace(chart, ""))]);
    let end = story.follow("a.rs", &(swell.to_owned() + chart), chart).end;
    assert!(!matches!(end, End::Upstream(..)), "{end:?}");
}

#[test]
fn an_insertion_that_history_has_is_followed_as_it_was_made() {
    let item = |depth: &str, own: &str| {
        let line = |text: &str| format!("    {depth}{text}\n");
        let own = if own.is_empty() { String::new() } else { line(own) };
        let body = line("weigh(buoy, 315);") + &own + &line("let lee = measure(deck, 316);");
        let (open, close) = if depth.is_empty() { ("", "") } else { ("    if open(14) {\n", "    }\n") };
        format!("fn hoist(deck: u32) {{\n{open}{body}{close}}}\n")
    };
    let rest = "fn lower(deck: u32) {\n    stow(deck);\n}\n";
    let (made, deeper) = (item("", "own_call();"), item("    ", "own_call();"));
    let story = Story::new(&[("a.rs", &(item("", "") + rest)), ("b.rs", rest)])
        .commit(&[("a.rs", &(made + rest))])
        .commit(&[("a.rs", &(deeper.clone() + rest))])
        .commit(&[("a.rs", rest), ("b.rs", &(deeper + rest))]);
    for (lead, search) in
        [("    ", "    let lee = measure(deck, 316);\n"), ("", "let lee = measure(deck, 316);\n")]
    {
        let text = format!("{lead}own_call();\n    {}", search.trim_start());
        let end = story.follow("a.rs", search, &text).end;
        let End::Upstream(_, commit) = &end else { panic!("{search:?} {end:?}") };
        assert_eq!(commit.subject, "c1", "the commit that made it");
    }
}

#[test]
fn a_part_of_what_is_deleted_is_not_all_of_it() {
    let item = "fn hoist(deck: u32) {\n    weigh(buoy, 315);\n    let lee = measure(deck, 316);\n    stow(lee);\n}\n";
    let rest = "fn lower(deck: u32) {\n    stow(deck);\n}\n";
    let part = item.replace("    weigh(buoy, 315);\n", "");
    let story = Story::new(&[("a.rs", &(item.to_owned() + rest))]).commit(&[("a.rs", &(part + rest))]);
    let end = story.follow("a.rs", item, "").end;
    assert!(!matches!(end, End::Gone(_) | End::Upstream(..)), "{end:?}");
}

#[test]
fn lines_that_moved_within_their_item_are_followed() {
    let line = |depth: &str| {
        ["} else {", "    width(", "        props,", "        indicator,", "    );", "}"]
            .map(|line| format!("{depth}{line}\n"))
            .concat()
    };
    let other: String = (0..9).map(|at| format!("        other_{at}(props);\n")).collect();
    let file = |first: &str, second: &str| {
        format!("fn render() {{\n    if a {{\n        go();\n{first}{second}}}\n")
    };
    let before = file(&line("    "), &other);
    let after = file("    }\n    if b {\n        if c {\n", &format!("{other}{}    }}\n", line("        ")));
    let story = Story::new(&[("a.rs", &before)]).commit(&[("a.rs", &after)]);
    let search = line("    ");
    let end = story.follow("a.rs", &search, &search.replace("indicator", "own_indicator")).end;
    assert!(matches!(end, End::Today(_)), "{end:?}");
}

#[test]
fn an_insertion_beside_a_line_that_was_indented_goes_as_deep() {
    let item = |depth: &str| {
        format!(
            "fn hoist(deck: u32) {{\n{depth}weigh(buoy, 315);\n{depth}let lee = measure(deck, 316);\n}}\n"
        )
    };
    let rest = "fn lower(deck: u32) {\n    stow(deck);\n}\n";
    let story = Story::new(&[("a.rs", &(item("    ") + rest)), ("b.rs", rest)])
        .commit(&[("a.rs", &(item("        ") + rest))])
        .commit(&[("a.rs", rest), ("b.rs", &(item("        ") + rest))]);
    let search = "    let lee = measure(deck, 316);\n";
    let end = story.follow("a.rs", search, &format!("    own_call();\n{search}")).end;
    let End::Today(Definition { text, .. }) = &end else { panic!("{end:?}") };
    assert!(text.contains("        own_call();\n        let lee"), "{text}");
}

#[test]
fn what_left_its_file_before_its_namesake_came_is_not_the_namesake() {
    let (own, namesake) = (format!("// own\n\n{BLOCK}"), format!("// other\n\n{BLOCK}"));
    let went = |to: &str| {
        Story::new(&[("a.rs", FILE), ("b.rs", &namesake)])
            .commit(&[("a.rs", REST), ("c.rs", to)])
            .commit(&[("a.rs", &format!("{REST}\n{BLOCK}")), ("b.rs", "// other\n")])
    };
    let path = |story: &Story| match story.follow("a.rs", BLOCK, &BLOCK.replace("40", "80")).end {
        End::Several(_, sites) => sites.into_iter().map(|(path, _)| path).collect::<Vec<_>>(),
        End::Today(place) => vec![place.path],
        end => panic!("{end:?}"),
    };
    let later = format!("{REST}\n{}", BLOCK.replace("    gamma();\n", ""));
    let story = went(&own).commit(&[("a.rs", &later)]);
    assert_eq!(path(&story), ["a.rs", "c.rs"]);
    // What was put back is its own.
    let story = Story::new(&[("a.rs", FILE)])
        .commit(&[("a.rs", REST), ("c.rs", &own)])
        .commit(&[("a.rs", FILE), ("c.rs", "")])
        .commit(&[("a.rs", &FILE.replace("    gamma();\n", ""))]);
    assert_eq!(path(&story), ["a.rs"]);
    // What was changed and changed back, too.
    let story = Story::new(&[("a.rs", FILE)])
        .commit(&[("a.rs", &FILE.replace("beta(limit)", "beta(1)"))])
        .commit(&[("a.rs", FILE)])
        .commit(&[("a.rs", &FILE.replace("    gamma();\n", ""))]);
    assert_eq!(path(&story), ["a.rs"]);
    // Its own was taken away where it went.
    let story = went(&own).commit(&[("c.rs", "")]).commit(&[("a.rs", &later)]);
    assert!(matches!(story.follow("a.rs", BLOCK, &BLOCK.replace("40", "80")).end, End::Gone(_)));
}

#[test]
fn a_text_that_two_items_had_is_not_the_one_that_kept_it() {
    let item = |name: &str| BLOCK.replace("second", name);
    let two = |one: &str, other: &str| format!("fn first() {{}}\n\n{one}\n{other}");
    let search = "    let limit = bound(40);\n    beta(limit);\n";
    let follow = |story: &Story| story.follow("a.rs", search, &search.replace("40", "80")).end;
    // It came beside its twin, and went.
    let twin = two(&item("twin"), "");
    let both = two(&item("twin"), &item("second"));
    let story = Story::new(&[("a.rs", &twin), ("b.rs", FILE)])
        .commit(&[("a.rs", &both), ("b.rs", REST)])
        .commit(&[("a.rs", &twin)]);
    let end = story.follow("b.rs", search, &search.replace("40", "80")).end;
    assert!(matches!(end, End::Gone(_)), "{end:?}");
    // The twin went, and it is there.
    let own = two("", &item("second"));
    let story = Story::new(&[("a.rs", &twin), ("b.rs", FILE)])
        .commit(&[("a.rs", &both), ("b.rs", REST)])
        .commit(&[("a.rs", &own)]);
    let end = story.follow("b.rs", search, &search.replace("40", "80")).end;
    assert!(matches!(&end, End::Today(place) if place.path == "a.rs"), "{end:?}");
    // Another item got its text, it lost that, and what the other has was changed.
    let indented = |name: &str| item(name).replace("    ", "        ");
    let story = Story::new(&[("a.rs", &two(&item("second"), &indented("other")))])
        .commit(&[("a.rs", &two(&item("second"), &item("other")))])
        .commit(&[("a.rs", &two(&indented("second"), &item("other")))])
        .commit(&[("a.rs", &two(&indented("second"), &item("other").replace("beta(", "gamma(")))]);
    let end = follow(&story);
    assert!(matches!(&end, End::Several(_, sites) if sites.len() == 2), "{end:?}");
    // It moved within its file at once.
    let story = Story::new(&[("a.rs", &two(&item("second"), "fn other() {}\n"))])
        .commit(&[("a.rs", &two("fn second() {}\n", &item("other")))])
        .commit(&[("a.rs", &two("fn second() {}\n", &item("other").replace("beta(", "gamma(")))]);
    let end = follow(&story);
    assert!(matches!(&end, End::Today(_)), "{end:?}");
}

/// The line comes back into its item, at another place, and goes again: its trail leads to where it began.
#[test]
fn a_line_that_goes_to_and_fro_ends() {
    let line = "        measure(lee18, 318);\n";
    let put = |is_there: bool| if is_there { line } else { "" };
    let bow = |lower: bool, [first, last]: [bool; 2]| {
        format!(
            "fn lower() {{\n    stow(reef9, 309);\n{}}}\n\nimpl Rudder {{\n    fn haul(&self) {{\n        open(tide36);\n{}        let \
             reef19 = trim(deck, 3);\n        close(wake21);\n{}    }}\n}}\n",
            &put(lower).replacen("    ", "", 1),
            put(first),
            put(last)
        )
    };
    let keel = |is_there: bool| {
        let line = put(is_there);
        format!("impl Rudder {{\n    fn sound(&self) {{\n        measure(swell29, 329);\n{line}    }}\n}}\n")
    };
    let story = Story::new(&[("a.rs", &bow(false, [true, false])), ("b.rs", &keel(false))])
        .commit(&[("a.rs", &bow(false, [false, false])), ("b.rs", &keel(true))])
        .commit(&[("a.rs", &bow(false, [false, true])), ("b.rs", &keel(false))])
        .commit(&[("a.rs", &bow(true, [false, false]))]);
    let search = format!("{line}        let reef19 = trim(deck, 3);\n");
    let end = story.follow("a.rs", &search, "        let reef19 = trim(deck, 3);\n").end;
    assert!(matches!(end, End::Several(..)), "{end:?}");
}
