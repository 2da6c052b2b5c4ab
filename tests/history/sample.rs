//! The sample with its truth, made once for a keep folder.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use codex_patcher::rust::syntax::{Syntax, errors};
use serde::{Deserialize, Serialize};

use crate::follow::{Fate, Place, World, telling};
use crate::points::{Point, apply, candidates, hash};
use crate::repo::{Commit, Revision, commits, texts};
use crate::truth::{Class, Truth, by_lines, judge, same_around};
use crate::{blame, parallel, say};

/// Raise it when what is sampled or what is true changes.
const VERSION: u32 = 3;
/// Places in one file, for every class.
const PER_FILE: usize = 8;
/// More lines than these that look like a lost one, and nobody knows which is which.
const TOO_COMMON: usize = 25;

/// How far from a lost line those may be that say where it would be.
const NEIGHBOURS: usize = 15;

/// A point and what is true of it, by week.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Known {
    pub(crate) id: String,
    pub(crate) point: Point,
    pub(crate) truth: BTreeMap<u32, Truth>,
}

/// The sample.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Sample {
    key: String,
    pub(crate) known: Vec<Known>,
    /// Why cases were dropped.
    pub(crate) dropped: BTreeMap<String, usize>,
}

/// The part of the sample that a class at the last week gets, in percent; TOML apart.
fn share(class: Class) -> usize {
    match class {
        Class::Untouched => 8,
        Class::Shifted => 12,
        Class::Moved => 18,
        Class::Surroundings => 18,
        Class::Both => 14,
        Class::Reindented => 6,
        Class::OtherItem | Class::OtherTokens => 6,
        Class::VeryLines => 9,
        Class::Gone => 14,
    }
}

pub(crate) fn sample(
    mirror: &Path,
    revisions: &[Revision],
    trees: &[PathBuf],
    keep: &Path,
    size: usize,
) -> Sample {
    let ids: Vec<&str> = revisions.iter().map(|revision| revision.id.as_str()).collect();
    let key = format!("{VERSION} {size} {}", ids.join(" "));
    let cache = keep.join("truth.json");
    if let Ok(text) = std::fs::read_to_string(&cache)
        && let Ok(sample) = serde_json::from_str::<Sample>(&text)
        && sample.key == key
    {
        return sample;
    }
    let sample = make(mirror, revisions, trees, size, key);
    std::fs::write(cache, serde_json::to_string_pretty(&sample).unwrap()).unwrap();
    sample
}

fn make(mirror: &Path, revisions: &[Revision], trees: &[PathBuf], size: usize, key: String) -> Sample {
    let base_texts = texts(&trees[0]);
    let files: Vec<(&String, &String)> = base_texts.iter().collect();
    let all: Vec<Point> =
        parallel(&files, |(path, text)| candidates(path, text)).into_iter().flatten().collect();
    say(&format!("{} candidates in {} files", all.len(), files.len()));

    let followed: Vec<Place> = all.iter().map(|point| point.place.clone()).collect();
    let mut world = World::new(&base_texts, &followed);
    let base = by_lines(&base_texts);
    let (mut fates, mut later, mut history) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (at, revision) in revisions.iter().enumerate().skip(1) {
        let commits = commits(mirror, &revisions[at - 1].id, &revision.id);
        commits.iter().for_each(|commit| world.step(commit));
        history.insert(revision.week, commits);
        let there = texts(&trees[at]);
        assert_eq!(world.differs_from(&there), None, "the walk to +{} weeks went astray", revision.week);
        fates.insert(revision.week, world.fates.clone());
        later.insert(revision.week, by_lines(&there));
    }

    let last = revisions.last().unwrap().week;
    let mut pools: BTreeMap<(bool, Class), Vec<usize>> = BTreeMap::new();
    let mut unsure: BTreeMap<String, usize> = BTreeMap::new();
    for (index, point) in all.iter().enumerate() {
        match judge(point, &fates[&last][index], &base, &later[&last]) {
            Ok(truth) => pools.entry((point.key.is_some(), truth.class)).or_default().push(index),
            Err(why) => *unsure.entry(why).or_default() += 1,
        }
    }
    let mut chosen = Vec::new();
    for (&(toml, class), pool) in &mut pools {
        say(&format!("{:6} {} {}", pool.len(), class.name(), if toml { "(toml)" } else { "" }));
        let want = if toml { (size / 50).max(1) } else { (size * share(class) / 100).max(1) };
        pool.sort_by_key(|&index| hash(&format!("{:?}", all[index].place)));
        let mut per_file: BTreeMap<&str, usize> = BTreeMap::new();
        let before = chosen.len();
        for &index in &*pool {
            if chosen.len() - before == want {
                break;
            }
            let point = &all[index];
            let used = per_file.entry(&point.place.path).or_default();
            if *used < PER_FILE && stays_valid(point, &base_texts[&point.place.path], &base) {
                *used += 1;
                chosen.push(index);
            }
        }
    }
    say(&format!("not known at +{last} weeks, and so never sampled: {unsure:?}"));

    let mut dropped: BTreeMap<String, usize> = BTreeMap::new();
    let mut known = Vec::new();
    for (number, &index) in chosen.iter().enumerate() {
        let mut truth = BTreeMap::new();
        for (&week, fates) in &fates {
            match judge(&all[index], &fates[index], &base, &later[&week]) {
                Ok(found) => drop(truth.insert(week, found)),
                Err(why) => *dropped.entry(format!("walk: {why}")).or_default() += 1,
            }
        }
        known.push(Known { id: format!("p{number:04}"), point: all[index].clone(), truth });
    }
    surround(&base_texts, &base, &history, &mut known);
    second(mirror, revisions, &base, &later, &mut known, &mut dropped);
    Sample { key, known, dropped }
}

fn stays_valid(point: &Point, text: &str, base: &BTreeMap<String, Vec<String>>) -> bool {
    if point.key.is_some() {
        return true;
    }
    let line = &base[&point.place.path][point.place.line];
    let edited = apply(text, point.place.line, line, &point.edit);
    errors(Syntax::parse(&edited).tree()).is_empty()
}

/// Walks the lines around those that are lost or changed.
fn surround(
    texts: &BTreeMap<String, String>,
    base: &BTreeMap<String, Vec<String>>,
    history: &BTreeMap<u32, Vec<Commit>>,
    known: &mut [Known],
) {
    let mut followed: Vec<Place> = Vec::new();
    let mut around: Vec<[Vec<usize>; 2]> = Vec::new();
    for known in &*known {
        let lost = known.truth.values().any(|truth| !truth.class.should_land());
        let Place { path, line } = &known.point.place;
        let (line, lines) = (*line, &base[path]);
        let mut follow = |near: &mut dyn Iterator<Item = usize>| {
            let near = near.filter(|at| lost && telling(&lines[*at]));
            near.map(|line| {
                followed.push(Place { path: path.clone(), line });
                followed.len() - 1
            })
            .collect()
        };
        let above = follow(&mut (line.saturating_sub(NEIGHBOURS)..line).rev());
        let below = follow(&mut (line + 1..(line + 1 + NEIGHBOURS).min(lines.len())));
        around.push([above, below]);
    }
    let mut world = World::new(texts, &followed);
    for (week, commits) in history {
        commits.iter().for_each(|commit| world.step(commit));
        for (known, around) in known.iter_mut().zip(&around) {
            let Some(truth) = known.truth.get_mut(week) else { continue };
            let nearest = |side: &[usize]| {
                side.iter().find_map(|line| match &world.fates[*line] {
                    Fate::At(place) => Some(place.clone()),
                    _ => None,
                })
            };
            let pair = nearest(&around[0]).zip(nearest(&around[1]));
            truth.between = pair.filter(|(above, below)| above.path == below.path && above.line < below.line);
        }
    }
}

/// Drops what `git blame` does not agree with.
fn second(
    mirror: &Path,
    revisions: &[Revision],
    base: &BTreeMap<String, Vec<String>>,
    later: &BTreeMap<u32, BTreeMap<String, Vec<String>>>,
    known: &mut [Known],
    dropped: &mut BTreeMap<String, usize>,
) {
    let mut wanted: BTreeMap<(u32, String), BTreeSet<usize>> = BTreeMap::new();
    let mut alike: BTreeMap<(usize, u32), Vec<Place>> = BTreeMap::new();
    for (&week, texts) in later {
        let mut index: BTreeMap<&str, Vec<Place>> = BTreeMap::new();
        for (path, lines) in texts {
            for (line, text) in lines.iter().enumerate() {
                index.entry(text.trim()).or_default().push(Place { path: path.clone(), line });
            }
        }
        for (which, known) in known.iter_mut().enumerate() {
            let Some(truth) = known.truth.get(&week) else { continue };
            let place = &known.point.place;
            let mut places: Vec<Place> = if truth.class.should_land() {
                truth.to.iter().cloned().collect()
            } else {
                let text = base[&place.path][place.line].trim();
                index.get(text).cloned().unwrap_or_default()
            };
            if places.len() > TOO_COMMON {
                // Only where a neighbour stands too.
                let old = &base[&place.path];
                let near = |to: &Place| {
                    let new = &texts[&to.path];
                    same_around(old, place.line, new, to.line, 1, 0)
                        || same_around(old, place.line, new, to.line, 0, 1)
                };
                places.retain(near);
            }
            if places.len() > TOO_COMMON {
                known.truth.remove(&week);
                *dropped.entry("blame: too many lines look alike".to_owned()).or_default() += 1;
                continue;
            }
            for place in &places {
                wanted.entry((week, place.path.clone())).or_default().insert(place.line);
            }
            alike.insert((which, week), places);
        }
    }
    let asks: Vec<((u32, String), Vec<usize>)> =
        wanted.into_iter().map(|(of, lines)| (of, lines.into_iter().collect())).collect();
    say(&format!("asking git blame about {} files", asks.len()));
    let answers = parallel(&asks, |((week, path), lines)| {
        let rev = &revisions.iter().find(|revision| revision.week == *week).unwrap().id;
        blame::origins(mirror, &revisions[0].id, rev, path, lines, later[week][path].len())
    });
    let answers: BTreeMap<&(u32, String), _> = asks.iter().map(|ask| &ask.0).zip(answers).collect();
    for ((which, week), places) in alike {
        let known = &mut known[which];
        let base_place = known.point.place.clone();
        let old = &base[&base_place.path];
        let class = known.truth[&week].class;
        let origin = |place: &Place| answers[&(week, place.path.clone())].get(&place.line).cloned().flatten();
        let objection = if class.should_land() {
            match origin(&places[0]) {
                Some(origin) if origin == base_place => None,
                Some(_) => Some("of another line"),
                None => Some("younger"),
            }
        } else {
            places.iter().find_map(|place| match origin(place) {
                Some(origin) => (origin == base_place).then_some("it still stands"),
                None => {
                    let new = &later[&week][&place.path];
                    same_around(old, base_place.line, new, place.line, 1, 1).then_some("it came back")
                }
            })
        };
        if let Some(objection) = objection {
            known.truth.remove(&week);
            *dropped.entry(format!("blame on {}: {objection}", class.name())).or_default() += 1;
        }
    }
}
