//! Random walks: what upstream and a user may do, step by step, and after every run a look at what became of the tree.
//!
//! The oracle knows nothing of the engine. A walk is planned on a model of the tree in which every item and line has an
//! identity; what each patch is meant to do is a change of that model. A run that succeeds must give the tree that the
//! model gives, word by word, or fail. `CODEX_PATCHER_WALKS` is how many walks there are, `CODEX_PATCHER_WALKS_SEED` the
//! first of their seeds.

#![expect(clippy::unit_arg, reason = "a change of the model is done or cannot be, and has no value")]

mod making;
mod model;
mod steps;
mod wishes;

use std::collections::BTreeMap;

use super::*;
use crate::outcome::Status;
use crate::patch::Drift;
use model::{Dice, World};
use wishes::{Way, Wish};

/// So many walks without the variable.
const FEW: u64 = 40;
const MOST_WISHES: usize = 4;

/// What a run may ask of history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    All,
    Nothing,
    /// Nothing before the newest commits.
    Shallow,
}

/// One thing that happens.
#[derive(Debug, Clone)]
enum Step {
    /// Upstream goes on: what it does, and with which dice.
    Upstream(usize, u64),
    /// A run, and whether it accepts what the lock holds up.
    Apply(Drift, bool),
    /// The patched tree is committed.
    Commit,
    /// The patch is taken out of the set.
    Omit(usize),
    /// The text of the patch is edited.
    Edit(usize),
    Revert,
    Update,
}

/// A walk, as it is planned.
#[derive(Debug, Clone)]
struct Walk {
    seed: u64,
    known: Known,
    is_locked: bool,
    is_stacked: bool,
    left_out: Vec<usize>,
    steps: Vec<Step>,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x5851_f42d_4c95_7f2d));
        let known = [Known::All, Known::All, Known::Nothing, Known::Shallow][dice.below(4)];
        let mut steps = Vec::new();
        for _ in 0..1 + dice.below(3) {
            for _ in 0..dice.below(4) {
                steps.push(Step::Upstream(dice.below(steps::NAMES.len()), dice.roll()));
            }
            let (drift, accepts) = ([Drift::Off, Merge, Merge, Move, Move][dice.below(5)], dice.one_in(8));
            // A run that accepts looks for nothing.
            steps.push(Step::Apply(if accepts { Drift::Off } else { drift }, accepts));
            if dice.one_in(2) {
                let which = dice.below(MOST_WISHES);
                steps.push(match dice.below(7) {
                    0..=2 => Step::Commit,
                    3 => Step::Omit(which),
                    4 => Step::Edit(which),
                    5 => Step::Revert,
                    _ => Step::Update,
                });
            }
        }
        steps.push(Step::Apply(Move, false));
        let left_out = (1 + dice.below(MOST_WISHES)..MOST_WISHES).collect();
        Self { seed, known, is_locked: dice.one_in(3), is_stacked: dice.one_in(2), left_out, steps }
    }

    /// All walks with one thing less.
    fn shorter(&self) -> Vec<Self> {
        let less = |at| {
            let mut steps = self.steps.clone();
            steps.remove(at);
            Self { steps, ..self.clone() }
        };
        let without =
            |which: usize| Self { left_out: [&self.left_out[..], &[which]].concat(), ..self.clone() };
        let plain = [
            Self { is_locked: false, ..self.clone() },
            Self { is_stacked: false, ..self.clone() },
            Self { known: Known::All, ..self.clone() },
        ];
        let is_other = |walk: &Self| {
            (walk.is_locked, walk.is_stacked, walk.known) != (self.is_locked, self.is_stacked, self.known)
        };
        let steps = (0..self.steps.len()).map(less);
        let wishes = (0..MOST_WISHES).filter(|which| !self.left_out.contains(which)).map(without);
        steps.chain(wishes).chain(plain.into_iter().filter(is_other)).collect()
    }
}

/// A walk on its way.
struct Walker {
    upstream: Upstream,
    start: World,
    /// What HEAD has.
    committed: World,
    /// What the working tree has.
    now: World,
    wishes: Vec<Wish>,
    editions: [usize; MOST_WISHES],
    left_out: Vec<usize>,
    locked: Vec<String>,
    walk: Walk,
    story: Vec<String>,
    is_updated: bool,
    /// The set is not the one that was applied.
    is_edited: bool,
    tally: Tally,
}

/// How the runs of walks ended.
#[derive(Debug, Default)]
struct Tally {
    succeeded: usize,
    refused: BTreeMap<String, usize>,
    /// Refusals of what nobody touched.
    unjust: Vec<String>,
}

impl Walker {
    fn new(walk: &Walk) -> Self {
        let start = World::new(&mut Dice(walk.seed));
        let mut walker = Self {
            upstream: Upstream::new(
                &start.render().iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>(),
            ),
            committed: start.clone(),
            now: start.clone(),
            start,
            wishes: Vec::new(),
            editions: [0; MOST_WISHES],
            left_out: walk.left_out.clone(),
            locked: Vec::new(),
            walk: walk.clone(),
            story: Vec::new(),
            is_updated: false,
            is_edited: false,
            tally: Tally::default(),
        };
        walker.wish();
        walker.sift();
        if walk.is_locked && !walker.wishes.is_empty() && !walker.upstream.lock().has_failed() {
            walker.locked = walker.wishes.iter().map(|wish| wish.id.clone()).collect();
        }
        if walk.known == Known::Nothing {
            walker.upstream.forget_history();
        }
        walker
    }

    /// Leaves out what does not apply to the tree that it was written for: that is no patch.
    fn sift(&mut self) {
        loop {
            let alone = |wish: &&Wish| {
                !self.walk.is_stacked && self.upstream.run(status().only(&wish.id)).has_failed()
            };
            let failed = self.wishes.iter().find(alone).map(|wish| wish.id.clone());
            let failed = failed.or_else(|| {
                if self.wishes.is_empty() {
                    return None;
                }
                let ran = self.upstream.run(status());
                ran.report
                    .patches
                    .iter()
                    .find(|outcome| outcome.cause.is_some())
                    .map(|outcome| outcome.id.clone())
            });
            let Some(failed) = failed else { break };
            self.left_out.push(failed[1..].parse().unwrap());
            self.wish();
        }
    }

    /// Writes the patches anew.
    fn wish(&mut self) {
        let mut world = self.start.clone();
        self.wishes.clear();
        for number in 0..MOST_WISHES {
            let dice = Dice(self.walk.seed.wrapping_mul(31).wrapping_add(number as u64 * 7919));
            let Some(wish) = Wish::new(&world, number, dice, self.editions[number]) else { continue };
            if !self.walk.is_stacked && self.wishes.iter().any(|other| other.writes_same_item(&wish)) {
                continue;
            }
            if self.walk.is_stacked && !self.left_out.contains(&number) {
                wish.land(&mut world, Way::Merged, [&[], &[]]);
            }
            self.wishes.push(wish);
        }
        let is_in = |wish: &Wish| !self.left_out.contains(&wish.id[1..].parse().unwrap());
        self.wishes.retain(is_in);
        let set: String = self.wishes.iter().map(|wish| wish.toml.clone() + "\n").collect();
        self.upstream.patches(&set);
    }

    /// Walks to the end; what is wrong, if something is.
    fn go(&mut self) -> Result<(), String> {
        for step in self.walk.steps.clone() {
            if self.wishes.is_empty() {
                break;
            }
            self.step(&step)?;
        }
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Upstream(kind, dice) => {
                self.story.push(format!("upstream {}", steps::NAMES[*kind]));
                for world in steps::commits(*kind, &self.committed.clone(), &self.wishes, &mut Dice(*dice)) {
                    self.check_out(world);
                    self.upstream.commit();
                    if self.walk.known == Known::Shallow {
                        self.upstream.keep_history(2);
                    }
                }
            }
            Step::Apply(drift, accepts) => return self.apply(*drift, *accepts),
            Step::Commit => {
                self.story.push("commit".to_owned());
                self.committed = self.now.clone();
                self.upstream.commit();
            }
            Step::Omit(which)
                if self.wishes.iter().any(|wish| wish.id == format!("p{which}")) && !self.is_updated =>
            {
                self.story.push(format!("omit p{which}"));
                self.is_edited = true;
                self.left_out.push(*which);
                self.wishes.retain(|wish| wish.id != format!("p{which}"));
                let set: String = self.wishes.iter().map(|wish| wish.toml.clone() + "\n").collect();
                self.upstream.patches(&set);
            }
            Step::Edit(which) if !self.is_updated && !self.walk.is_stacked => {
                self.story.push(format!("edit p{which}"));
                self.is_edited = true;
                let landed = std::mem::take(&mut self.wishes);
                self.editions[*which] += 1;
                self.wish();
                let there = |wish: &Wish| landed.iter().find(|there| there.id == wish.id);
                // What landed in another item is no longer what it is written from.
                let is_elsewhere = |wish: &Wish| there(wish).is_some_and(|there| there.item != wish.item);
                if self.wishes.iter().any(|wish| wish.id == format!("p{which}") && is_elsewhere(wish)) {
                    self.editions[*which] -= 1;
                    self.wish();
                }
                // The others are where they landed, as they were accepted.
                for wish in self.wishes.iter_mut().filter(|wish| wish.id != format!("p{which}")) {
                    there(wish).iter().for_each(|there| wish.clone_from(there));
                }
                self.locked.retain(|id| *id != format!("p{which}"));
            }
            Step::Revert => return self.revert(),
            Step::Update if self.now == self.committed => {
                self.story.push("update".to_owned());
                let before = self.upstream.tree();
                let ran = self.upstream.update();
                self.is_updated |= !ran.has_failed();
                // What an update wrote has what upstream changed.
                let is_written = |id: &str| ran.all().split(", ").any(|told| told == format!("{id} updated"));
                let mut there = self.committed.clone();
                for at in 0..self.wishes.len() {
                    if is_written(&self.wishes[at].id) {
                        self.wishes[at].renew(&there);
                    }
                    // What follows is written for what it makes.
                    let _ = self.wishes[at].land(&mut there, Way::Merged, [&[], &[]]);
                }
                self.story.push(format!("  {}", ran.all()));
                if self.upstream.tree() != before {
                    return Err("update touched the tree".to_owned());
                }
            }
            Step::Omit(_) | Step::Edit(_) | Step::Update => {}
        }
        Ok(())
    }

    fn check_out(&mut self, world: World) {
        for (path, _) in self.now.render() {
            self.upstream.remove(&path);
        }
        world.render().iter().for_each(|(path, text)| self.upstream.write(path, text));
        (self.now, self.committed) = (world.clone(), world);
    }

    fn revert(&mut self) -> Result<(), String> {
        let is_other = self.is_edited || self.now == self.committed;
        if is_other || self.walk.known == Known::Nothing {
            return Ok(());
        }
        let ran = self.upstream.run(apply().revert());
        self.story.push(format!("revert: {}", ran.all()));
        if ran.has_failed() {
            return Ok(());
        }
        self.now = self.committed.clone();
        self.expect(&[(self.now.clone(), self.wishes.clone())], "revert")
    }

    /// One run of all patches, one of each, and all of them once more.
    fn apply(&mut self, drift: Drift, accepts: bool) -> Result<(), String> {
        let ask = || if accepts { apply().drift(drift).accept() } else { apply().drift(drift) };
        let (before, there, right) = (self.upstream.copy(), self.now.clone(), self.right(accepts));
        let ran = self.upstream.run(ask());
        let accept = if accepts { " accept" } else { "" };
        self.story.push(format!("apply {drift:?}{accept}: {}", ran.all()));
        if ran.has_failed() {
            self.refused(&ran, drift);
            return if self.upstream.tree() == before.tree() {
                Ok(())
            } else {
                Err("it failed and wrote".to_owned())
            };
        }
        self.tally.succeeded += 1;
        self.expect(&right, &ran.told())?;
        if accepts {
            // The lock has what was accepted.
            self.locked.clear();
            let is_over = |wish: &&mut Wish| {
                let mut told = ran.report.patches.iter();
                told.any(|told| told.id == wish.id && told.status == Status::Applied)
            };
            self.wishes.iter_mut().filter(is_over).for_each(|wish| wish.accept(&there));
        }
        let once = self.upstream.tree();
        let again = self.upstream.run(ask());
        if again.has_failed() {
            *self.tally.refused.entry(format!("again {}", again.all_causes())).or_default() += 1;
        }
        if self.upstream.tree() != once {
            return Err(format!("a second run wrote: {}", again.told()));
        }
        for wish in &self.wishes {
            let one = before.run(ask().only(&wish.id));
            if one.has_failed() {
                *self.tally.refused.entry(format!("alone {}", one.all_causes())).or_default() += 1;
                return Ok(());
            }
        }
        if scanned(&before.tree()) != scanned(&once) {
            return Err(format!(
                "one call each gives another tree:\n{}\n{}",
                difference(&before.tree(), &once),
                ran.told()
            ));
        }
        Ok(())
    }

    /// How a patch may land.
    fn ways(&self, wish: &Wish, accepts: bool) -> Vec<Way> {
        let mut ways = vec![Way::Merged, Way::Left, Way::Back, Way::BackMerged];
        if accepts || !self.locked.contains(&wish.id) {
            ways.extend([Way::Over, Way::Elsewhere, Way::Beside, Way::ElsewhereBeside]);
        } else if wish.is_in_named_item() {
            // Its words in the item that it names.
            ways.push(Way::Elsewhere);
        }
        if self.walk.known != Known::All {
            ways.extend([Way::Copy, Way::Absent, Way::Again]);
            if wish.is_in_named_item() {
                ways.push(Way::Such);
            }
        }
        if self.walk.known != Known::All && !accepts && self.locked.contains(&wish.id) {
            ways.extend([Way::Unlocked, Way::CopyMerged]);
        } else if self.walk.known != Known::All && wish.search.is_some() {
            // What is much like it under its name is all that nobody knows to be another.
            ways.push(Way::CopyMerged);
        }
        if ways.contains(&Way::Copy) && ways.contains(&Way::Beside) {
            ways.push(Way::CopyBeside);
        }
        ways
    }

    /// All trees that are right after a run that succeeds, with the patches as they have landed there.
    fn right(&self, accepts: bool) -> Vec<(World, Vec<Wish>)> {
        let mut right = vec![(self.now.clone(), Vec::new())];
        for (at, wish) in self.wishes.iter().enumerate() {
            let others = [&self.wishes[..at], &self.wishes[at + 1..]];
            let mut next: Vec<(World, Vec<Wish>)> = Vec::new();
            // Nobody who knows no history knows that it landed elsewhere before.
            let written = wish.written.as_deref().filter(|_| self.walk.known != Known::All);
            let ways = self.ways(wish, accepts);
            let all = [Some(wish), written].into_iter().flatten();
            let all = all.flat_map(|wish| ways.iter().map(move |way| (wish, *way)));
            for ((world, wishes), (wish, way)) in
                right.iter().flat_map(|right| all.clone().map(move |way| (right, way)))
            {
                let mut landed = world.clone();
                let is_right = wish.land(&mut landed, way, others).is_some();
                if is_right && next.iter().all(|(other, _)| *other != landed) {
                    let wishes = [&wishes[..], &[wish.rebound(world, way)]].concat();
                    next.push((landed, wishes));
                }
            }
            right = next;
        }
        right
    }

    /// One of these worlds is what the tree is now.
    fn expect(&mut self, right: &[(World, Vec<Wish>)], told: &str) -> Result<(), String> {
        let tree = self.upstream.tree();
        let found = scanned(&tree);
        match right.iter().find(|(world, _)| scanned(&bytes_of(world)) == found) {
            Some((world, wishes)) => {
                (self.now, self.wishes) = (world.clone(), wishes.clone());
                Ok(())
            }
            None => {
                let right = match right.first() {
                    Some((world, _)) => difference(&bytes_of(world), &tree),
                    None => format!("it had to fail; it made:\n{}", difference(&bytes_of(&self.now), &tree)),
                };
                Err(format!("{right}\n{told}"))
            }
        }
    }

    /// Notes why a run failed.
    fn refused(&mut self, ran: &world::Ran, drift: Drift) {
        *self.tally.refused.entry(ran.all_causes()).or_default() += 1;
        for outcome in ran.report.patches.iter().filter(|outcome| outcome.cause.is_some()) {
            let Some(wish) = self.wishes.iter().find(|wish| wish.id == outcome.id) else { continue };
            if self.is_untouched(wish) {
                let story = self.story.join("\n  ");
                let set = &wish.toml;
                self.tally.unjust.push(format!(
                    "{drift:?} seed {}:\n  {story}\n{}\n{set}",
                    self.walk.seed,
                    ran.told()
                ));
            }
        }
    }

    /// Whether the item of a patch is as it was, where it was, and no other patch is about it.
    fn is_untouched(&self, wish: &Wish) -> bool {
        let is_alone = self.wishes.iter().filter(|other| other.item == wish.item).count() == 1;
        let (Some((was_at, was)), Some((at, is))) = (self.start.item(wish.item), self.now.item(wish.item))
        else {
            return false;
        };
        let file = &self.now.files[at];
        let holds = |text: &String| file.render().matches(text.as_str()).count() == 1;
        let names = file.items.iter().filter(|item| item.name == is.name).count();
        is_alone
            && was == is
            && self.start.files[was_at].path == file.path
            && names == 1
            && wish.search.as_ref().is_none_or(holds)
    }
}

/// The words of each item of each file: those of upstream in their order, those that only a patch has, and how many there
/// are of each other character. Commas and white space are layout.
type Scanned = BTreeMap<(String, String), (Vec<String>, Vec<String>, BTreeMap<char, usize>)>;

fn scanned(tree: &BTreeMap<String, Vec<u8>>) -> Scanned {
    let mut scanned = Scanned::new();
    for (path, bytes) in tree.iter().filter(|(path, _)| *path != "Cargo.toml") {
        let (mut around, mut item, mut end) = (String::new(), None, String::new());
        for line in str::from_utf8(bytes).unwrap().lines() {
            let bare = line.trim_start();
            if line.starts_with("impl ") || line.starts_with('[') {
                around = line.to_owned();
            }
            if item.is_none() && (bare.starts_with("pub fn ") || bare.starts_with("pub const ")) {
                item = bare.split(['(', ':']).next().map(str::to_owned);
                end = format!("{}}}", &line[..line.len() - bare.len()]);
            }
            let key = (path.clone(), format!("{around} {}", item.as_deref().unwrap_or_default()));
            let is_around = bare.starts_with("impl ") || line == "}";
            if item.is_some() || !is_around {
                note(line, scanned.entry(key).or_default());
            }
            if line == end || bare.starts_with("pub const ") {
                item = None;
            } else if line == "}" {
                around.clear();
            }
        }
    }
    scanned.retain(|_, (words, own, _)| !words.is_empty() || !own.is_empty());
    scanned.values_mut().for_each(|(_, own, _)| own.sort());
    scanned
}

fn note(line: &str, (words, own, others): &mut (Vec<String>, Vec<String>, BTreeMap<char, usize>)) {
    let is_all_own = line.contains("own_") && (line.starts_with("use ") || line.ends_with(';'));
    for word in line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()) {
        let is_own = is_all_own
            || word.contains("own")
            || word.contains("Own")
            || (word.len() == 6 && word.starts_with('9'));
        if is_own { own.push(word.to_owned()) } else { words.push(word.to_owned()) }
    }
    for c in line.chars().filter(|c| !c.is_alphanumeric() && *c != '_' && *c != ',' && !c.is_whitespace()) {
        *others.entry(c).or_default() += 1;
    }
}

fn bytes_of(world: &World) -> BTreeMap<String, Vec<u8>> {
    world.render().into_iter().map(|(path, text)| (path, text.into_bytes())).collect()
}

/// The right tree and the one that is, as a diff of each file.
fn difference(right: &BTreeMap<String, Vec<u8>>, is: &BTreeMap<String, Vec<u8>>) -> String {
    let mut paths: Vec<&String> =
        right.keys().chain(is.keys()).filter(|path| *path != "Cargo.toml").collect();
    paths.sort();
    paths.dedup();
    let text = |tree: &BTreeMap<String, Vec<u8>>, path: &str| {
        tree.get(path).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
    };
    paths.iter().map(|path| crate::diff::unified(path, &text(right, path), &text(is, path))).collect()
}

/// The walk with all left out that it is wrong without.
fn reduced(walk: &Walk) -> Walk {
    let is_wrong = |walk: &Walk| Walker::new(walk).go().is_err();
    let mut walk = walk.clone();
    while let Some(shorter) = walk.shorter().into_iter().find(is_wrong) {
        walk = shorter;
    }
    walk
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn nothing_is_wrong_on_random_walks() {
    let seed = number("CODEX_PATCHER_WALKS_SEED").unwrap_or(1);
    let count = number("CODEX_PATCHER_WALKS").unwrap_or(FEW);
    let (mut tally, mut wrong) = (Tally::default(), Vec::new());
    for seed in seed..seed + count {
        let walk = Walk::new(seed);
        let mut walker = Walker::new(&walk);
        if walker.go().is_err() {
            let walk = reduced(&walk);
            let mut walker = Walker::new(&walk);
            let what = walker.go().unwrap_err();
            let set = walker.upstream.set();
            let texts: String =
                walker.start.render().iter().map(|(path, text)| format!("--- {path}\n{text}")).collect();
            let row = format!(
                "{walk:?}\n{}\n{what}\n{}\nat first:\n{texts}\nfrom that to now:\n{}",
                walker.story.join("\n"),
                set["set.toml"],
                difference(&bytes_of(&walker.start), &walker.upstream.tree()),
            );
            println!("==== WRONG, seed {seed}\n{row}\n==== END");
            wrong.push(seed);
        }
        tally.succeeded += walker.tally.succeeded;
        walker
            .tally
            .refused
            .into_iter()
            .for_each(|(why, count)| *tally.refused.entry(why).or_default() += count);
        tally.unjust.append(&mut walker.tally.unjust);
    }
    println!(
        "{count} walks from seed {seed}: {} runs succeeded, refused: {:#?}",
        tally.succeeded, tally.refused
    );
    println!("{} refused what nobody touched", tally.unjust.len());
    tally.unjust.iter().take(6).for_each(|row| println!("---- UNJUST {row}"));
    assert!(wrong.is_empty(), "{} of {count} walks are wrong, seeds {wrong:?}", wrong.len());
}
