//! What patches are meant to do, as a change of the model for the oracle.

use super::making::{const_wish, key_wish, operation, query, structural_wish, text_wish, whole_wish};
use super::model::{Dice, Form, Item, Kind, Line, World};

/// The argument of a line of which a pattern has the call alone, with any argument.
pub(super) const ANY: &str = "$A";

/// What a patch is meant to do.
#[derive(Debug, Clone)]
pub(super) enum Intent {
    /// The number of a line.
    Number { line: usize, from: usize, to: usize },
    /// Takes a line away.
    Drop { was: Line },
    /// Puts a line beside another one.
    Insert { anchor: usize, own: Line, is_after: bool },
    /// Writes a whole item.
    Whole { was: Item, to: Item },
    /// Takes a whole item away.
    DropItem { was: Item },
    /// Puts an item behind another one.
    AddItem { own: Item },
    /// Puts a `use` beside another one.
    Use { own: String },
    /// The value of a key.
    Value { key: String, from: String, to: String },
    /// Takes a key away.
    DropKey { key: String, was: String },
    /// Adds a key to the dependencies.
    AddKey { key: String, value: String },
}

/// A patch.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) id: String,
    /// Its target.
    pub(super) path: String,
    /// Which of the files that is.
    pub(super) at: usize,
    /// The item that it is about; 0 for none.
    pub(super) item: usize,
    /// Of what that is a copy, or itself: to those who know no history, a copy of a copy is as good a copy.
    pub(super) lineage: usize,
    /// As it was when the patch was written.
    pub(super) origin: Option<Item>,
    pub(super) intent: Intent,
    /// The name and kind of the item that the patch itself gives.
    pub(super) named: Option<(String, Option<Kind>)>,
    /// The whole lines that it looks for.
    pub(super) search: Option<String>,
    /// The line that its pattern is of.
    pub(super) shape: Option<Line>,
    /// It names what it replaces, and holds nothing of it.
    pub(super) overwrites: bool,
    pub(super) toml: String,
    /// The same, about the item that it was written for, where it landed in another one.
    pub(super) written: Option<Box<Wish>>,
}

/// How a patch may land where there is more than one right way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// In its own item, with all that upstream changed.
    Merged,
    /// In its own item, over what upstream changed.
    Over,
    /// Where its words, which are all that the patch says, stand in its file now.
    Elsewhere,
    /// Beside what upstream made of what it puts in: without a lock nothing tells that this was not there when it was written.
    Beside,
    /// Nowhere: it is not there to be taken away, as far as its place tells, and nobody knows that it went elsewhere.
    Absent,
    /// In the copy that is left of its own item, where nobody knows that it is a copy.
    Copy,
    /// There, with all that upstream changed since: the lock has what it was.
    CopyMerged,
    /// There, and beside what upstream made of what it puts in.
    CopyBeside,
    /// Where its words stand now, and beside what upstream made of what it puts in.
    ElsewhereBeside,
    /// In the copy that stands in its file again, under its name.
    Back,
    /// There, with all that upstream changed since.
    BackMerged,
    /// Nowhere: the item that it names is as it makes it, and the line that it takes away stands in another file.
    Left,
    /// Beside what upstream made of the item that it puts in, where nobody knows that it was put in.
    Again,
    /// In the line of the item that it names that is as its pattern says, where nobody knows that its own had it before, and that this
    /// one came later.
    Such,
    /// Nowhere: the item that its lock names has the line no more that it takes away, and nobody knows that it went elsewhere.
    Unlocked,
}

impl Way {
    /// Whether it may be in another item than the patch's own.
    fn is_elsewhere(self) -> bool {
        matches!(
            self,
            Self::Elsewhere
                | Self::ElsewhereBeside
                | Self::Copy
                | Self::CopyMerged
                | Self::CopyBeside
                | Self::Back
                | Self::BackMerged
        )
    }
}

impl Wish {
    /// Whether one of the two writes the whole of an item of which the other one writes, too: the later one is what counts.
    pub(super) fn writes_same_item(&self, other: &Self) -> bool {
        let is_whole = |wish: &Self| matches!(wish.intent, Intent::Whole { .. });
        self.item == other.item && (is_whole(self) || is_whole(other))
    }

    /// Whether it is about words in an item that it names.
    pub(super) fn is_in_named_item(&self) -> bool {
        let is_inside =
            matches!(self.intent, Intent::Number { .. } | Intent::Drop { .. } | Intent::Insert { .. });
        self.named.is_some() && is_inside
    }

    /// From now on it is written for what stands `there`, with what upstream changed.
    pub(super) fn renew(&mut self, there: &World) {
        let mut landed = there.clone();
        let is_landed = self.land(&mut landed, Way::Merged, [&[], &[]]).is_some();
        let items = there.item(self.item).zip(landed.item(self.item)).filter(|_| is_landed);
        if let (Intent::Whole { was, to }, Some(((_, before), (_, after)))) = (&mut self.intent, items) {
            was.clone_from(before);
            to.clone_from(after);
        }
    }

    /// From now on it is written against what stood `there` when that was accepted.
    pub(super) fn accept(&mut self, there: &World) {
        let (Intent::Whole { was, to }, Some((_, item))) = (&mut self.intent, there.item(self.item)) else {
            return;
        };
        let known = std::mem::replace(was, item.clone());
        // What it made there itself is none of that.
        for line in &mut was.lines {
            if let (Some(known), Some(to)) = (known.line(line.id), to.line(line.id))
                && known.number != to.number
                && line.number == to.number
            {
                line.number = known.number;
            }
        }
    }

    /// A patch of `world`, the same for the same dice. `edition` is how often its text was edited since.
    pub(super) fn new(world: &World, number: usize, mut dice: Dice, edition: usize) -> Option<Self> {
        let dice = &mut dice;
        let id = format!("p{number}");
        if dice.one_in(6) {
            return Some(key_wish(world, &id, number, dice, edition));
        }
        // A patch before may have taken away all that one says.
        let items: Vec<(usize, &Item)> = world.items().filter(|(_, item)| !item.lines.is_empty()).collect();
        let (at, item) = items[dice.below(items.len())];
        let file = &world.files[at];
        let mut wish = if dice.one_in(8) {
            let anchor = &file.uses[dice.below(file.uses.len())];
            let own = format!("crate::own_{number}::Own{edition}");
            let query = query("tree-sitter", "pattern", &format!("use {anchor}"));
            let operation = operation("insert-after", Some(&format!("use {own};")));
            Self { item: 0, ..Self::of(Intent::Use { own }, None, &(query + &operation)) }
        } else if item.kind == Kind::Const {
            const_wish(item, number, dice, edition)
        } else {
            match dice.below(10) {
                0 | 1 => whole_wish(item, number, dice, edition),
                2..=5 => text_wish(item, number, dice, edition),
                _ => structural_wish(item, number, dice, edition),
            }
        };
        (wish.at, wish.path) = (at, file.path.clone());
        wish.id = id;
        wish.toml = format!("[[patches]]\nid = \"{}\"\nfile = \"{}\"\n{}", wish.id, wish.path, wish.toml);
        Some(wish)
    }

    pub(super) fn of(intent: Intent, item: Option<&Item>, toml: &str) -> Self {
        Self {
            id: String::new(),
            path: String::new(),
            at: 0,
            item: item.map_or(0, |item| item.id),
            lineage: item.map_or(0, |item| item.lineage),
            origin: item.cloned(),
            intent,
            named: None,
            search: None,
            shape: None,
            overwrites: false,
            toml: toml.to_owned(),
            written: None,
        }
    }

    /// Does in the model what the patch is meant to do; none where it must not seem to be done. `others` are the
    /// patches before and after it.
    pub(super) fn land(&self, world: &mut World, way: Way, others: [&[Self]; 2]) -> Option<()> {
        match way {
            Way::Absent => {
                return (self.is_away(world) || self.is_verbatim(world, others[1], true)).then_some(());
            }
            Way::Left => {
                let is_left =
                    self.named.is_some() && self.is_away(world) && self.is_verbatim(world, others[1], false);
                return is_left.then_some(());
            }
            Way::Unlocked => {
                let Intent::Drop { was } = &self.intent else { return None };
                return world.item(self.item)?.1.line(was.id).is_none().then_some(());
            }
            Way::Such => {
                let has_hole = self.shape.as_ref().is_some_and(|shape| shape.argument == ANY);
                let is_it = has_hole && matches!(self.intent, Intent::Number { .. });
                is_it.then_some(())?;
            }
            _ => {}
        }
        match &self.intent {
            Intent::Number { line, from, to } => self.land_number(world, way, (*line, *from, *to), others),
            Intent::Drop { was } => self.land_drop(world, way, was),
            Intent::Insert { anchor, own, is_after } => {
                self.land_insert(world, way, (*anchor, *is_after), own, others)
            }
            Intent::Whole { was, to } => self.land_whole(world, way, [was, to], others[1]),
            Intent::DropItem { was } => self.land_drop_item(world, way, was, others[0]),
            Intent::AddItem { own } => self.land_item(world, way, own, others),
            Intent::Use { own } => {
                let file = &mut world.files[self.at];
                let head = own.split("::Own").next()?;
                let like = |path: &&String| path.starts_with(&format!("{head}::"));
                match file.uses.iter().find(like) {
                    _ if file.uses.contains(own) => Some(()),
                    Some(_) if way != Way::Beside => None,
                    _ => Some(file.uses.push(own.clone())),
                }
            }
            Intent::Value { key, from, to } => {
                let found =
                    world.manifest.iter_mut().flat_map(|(_, keys)| keys).find(|(name, _)| name == key);
                let Some((_, value)) = found else {
                    // Without the key it is a new one.
                    let is_new = self.toml.contains("\"set-value\"") && way == Way::Over;
                    let (_, keys) = world.manifest.iter_mut().find(|(name, _)| name == "dependencies")?;
                    return is_new.then(|| keys.push((key.clone(), to.clone())));
                };
                let step = |wish: &Self| match &wish.intent {
                    Intent::Value { key: other, from, to } if key == other => {
                        Some((from.clone(), to.clone()))
                    }
                    _ => None,
                };
                if Self::reached(to, others[1], step).contains(value) {
                    return Some(());
                }
                let by_earlier = || others[0].iter().filter_map(step).any(|(_, to)| to == *value);
                let is_free = value == from || (self.overwrites && (way == Way::Over || by_earlier()));
                is_free.then(|| value.clone_from(to))
            }
            Intent::DropKey { key, was } => {
                let keys = world.manifest.iter_mut().map(|(_, keys)| keys);
                for keys in keys {
                    if let Some(at) = keys.iter().position(|(name, _)| name == key) {
                        if keys[at].1 != *was && !(way == Way::Over && self.overwrites) {
                            return None;
                        }
                        keys.remove(at);
                    }
                }
                Some(())
            }
            Intent::AddKey { key, value } => {
                let (_, keys) = world.manifest.iter_mut().find(|(name, _)| name == "dependencies")?;
                let step = |wish: &Self| match &wish.intent {
                    Intent::Value { key: other, from, to } if key == other => {
                        Some((from.clone(), to.clone()))
                    }
                    _ => None,
                };
                let reached = Self::reached(value, others[1], step);
                match keys.iter_mut().find(|(name, _)| name == key) {
                    Some((_, there)) if reached.contains(there) => Some(()),
                    Some((_, there)) if way == Way::Over && self.overwrites => Some(there.clone_from(value)),
                    Some(_) => None,
                    None => Some(keys.push((key.clone(), value.clone()))),
                }
            }
        }
    }

    /// The line of its item that its pattern matches, `line` if it has no hole.
    fn any_such(&self, world: &World, line: usize, from: usize) -> usize {
        let shape = self.shape.as_ref().filter(|shape| shape.argument == ANY);
        let found = shape
            .zip(world.item(self.item))
            .and_then(|(shape, (_, item))| item.lines.iter().find(|there| alike(there, &shape.with(from))));
        found.map_or(line, |found| found.id)
    }

    /// Whether a line is a copy of the one that the patch is about.
    fn copied(&self, there: &Line, from: usize, to: usize) -> bool {
        if there.number != from && there.number != to {
            return false;
        }
        match (&self.search, &self.shape) {
            (Some(_), Some(shape)) => there.name == shape.name,
            (Some(search), None) => search.contains(&there.name),
            (None, Some(shape)) => alike(&there.with(from), &shape.with(from)),
            (None, None) => there.form == Form::Const,
        }
    }

    /// The line of another item that is a copy of the one that it is about.
    fn landed<'i>(&self, other: &'i Item, way: Way, from: usize, to: usize) -> Option<&'i Line> {
        let lines = || other.lines.iter().filter(|there| self.copied(there, from, to));
        let is_named = |there: &&Line| self.shape.as_ref().is_some_and(|shape| there.name == shape.name);
        // The lock has what it was.
        let is_changed = |there: &&Line| is_named(there) && (there.number == from || there.number == to);
        let changed = || other.lines.iter().find(is_changed).filter(|_| way == Way::BackMerged);
        lines().find(is_named).or_else(|| lines().next()).or_else(changed)
    }

    /// Whether its file has nothing of the name that it takes away.
    fn is_away(&self, world: &World) -> bool {
        let mut here = world.files[self.at].items.iter();
        match &self.intent {
            Intent::Drop { was } => !here.any(|item| {
                let is_it = self.named.as_ref().is_none_or(|(name, _)| item.name == *name);
                // Of a changed call with a changed number only the name is left, which any line may have.
                let is_like = |line: &&Line| line.callee == was.callee || line.number == was.number;
                is_it && item.lines.iter().filter(is_like).any(|line| line.name == was.name)
            }),
            Intent::DropItem { was } => !here.any(|item| item.name == was.name && item.kind == was.kind),
            _ => false,
        }
    }

    /// Whether what a patch leaves of its lines stands in its file, or what `later` patches make of that: what it is about may have
    /// been put elsewhere, and only history tells.
    fn is_verbatim(&self, world: &World, later: &[Self], by_likeness: bool) -> bool {
        if let (Intent::Number { to, .. }, Some(shape), None) = (&self.intent, &self.shape, &self.search) {
            // Its pattern can be of any line like it.
            let step = |wish: &Self| match &wish.intent {
                Intent::Number { from, to, .. } => Some((*from, *to)),
                _ => None,
            };
            let reached = Self::reached(to, later, step);
            let mut lines = world.files[self.at].items.iter().flat_map(|item| &item.lines);
            return lines.any(|line| reached.iter().any(|number| alike(line, &shape.with(*number))));
        }
        let (Intent::Drop { was }, Some(search)) = (&self.intent, &self.search) else { return false };
        // Whatever number it has now, to those who know no history.
        let number = |letter: char| if by_likeness && letter.is_ascii_digit() { '0' } else { letter };
        let bare = |text: &str| {
            let mut text: Vec<char> = text.chars().map(number).collect();
            text.dedup_by(|one, other| by_likeness && *one == '0' && *other == '0');
            text.into_iter().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let file = bare(&world.files[self.at].render());
        ["    ", "        ", "            "].iter().map(|indent| was.render(indent)).any(|line| {
            let left = search.replacen(&line, "", 1);
            let made = later.iter().fold(left.clone(), |left, wish| match &wish.intent {
                Intent::Number { from, to, .. } => left.replace(&from.to_string(), &to.to_string()),
                _ => left,
            });
            left != *search
                && !left.is_empty()
                && (file.contains(&bare(&left)) || file.contains(&bare(&made)))
        })
    }

    /// What a line or a key may be after this patch and those that come after it.
    fn reached<T: Clone + PartialEq>(
        to: &T,
        later: &[Self],
        step: impl Fn(&Self) -> Option<(T, T)>,
    ) -> Vec<T> {
        let mut reached = vec![to.clone()];
        for wish in later {
            let Some((from, to)) = step(wish) else { continue };
            if wish.overwrites || reached.contains(&from) {
                reached.push(to);
            }
        }
        reached
    }

    fn land_number(
        &self,
        world: &mut World,
        way: Way,
        what: (usize, usize, usize),
        others: [&[Self]; 2],
    ) -> Option<()> {
        let (line, from, to) = what;
        let holder = if way.is_elsewhere() { self.other(world, way)?.id } else { self.item };
        let line = match way {
            // A pattern with a hole is of any such line.
            Way::Over | Way::Such if self.search.is_none() => self.any_such(world, line, from),
            way if way.is_elsewhere() => {
                let other = self.other(world, way)?;
                self.landed(other, way, from, to)?.id
            }
            _ => line,
        };
        let is_dropped = |wish: &Self| matches!(&wish.intent, Intent::Drop { was } if was.id == line);
        let is_same_const = |wish: &Self| {
            matches!(self.named, Some((_, Some(Kind::Const))))
                && (wish.at, &wish.named) == (self.at, &self.named)
        };
        // A const of this name with this value is what the patch asks for, whoever put it there.
        if let Some((name, Some(Kind::Const))) = &self.named
            && let mut consts = world.files[self.at].items.iter().filter(|item| item.name == *name)
            && let Some(other) =
                consts.find(|item| item.lines[0].id != line).map(|item| item.lines[0].clone())
        {
            let step = |wish: &Self| match &wish.intent {
                Intent::Number { from, to, .. } if is_same_const(wish) => Some((*from, *to)),
                _ => None,
            };
            if Self::reached(&to, others[1], step).contains(&other.number) {
                return Some(());
            }
            if other.number == from || way == Way::Over {
                return world.line_mut(other.id).map(|there| there.number = to);
            }
        }
        if world.line(line).is_none() {
            return others[1].iter().any(is_dropped).then_some(());
        }
        // A patch that writes the whole item may have put back what upstream put elsewhere.
        let is_own = world.item(holder).is_some_and(|(_, item)| item.line(line).is_some());
        let line = match world.item_mut(holder).filter(|_| is_own) {
            Some(item) => item.lines.iter_mut().find(|own| own.id == line)?,
            None => world.line_mut(line)?,
        };
        let id = line.id;
        let step = |wish: &Self| match &wish.intent {
            Intent::Number { line, from, to } if *line == id || is_same_const(wish) => Some((*from, *to)),
            Intent::Whole { was, to } => Some((was.line(id)?.number, to.line(id)?.number)),
            _ => None,
        };
        if Self::reached(&to, others[1], step).contains(&line.number) {
            return Some(());
        }
        let by_earlier = || others[0].iter().filter_map(step).any(|(_, to)| to == line.number);
        let is_free = line.number == from || (self.overwrites && (way == Way::Over || by_earlier()));
        is_free.then(|| line.number = to)
    }

    /// The same patch about the other item where it landed.
    pub(super) fn rebound(&self, world: &World, way: Way) -> Self {
        let other = if way.is_elsewhere() { self.other(world, way) } else { None };
        let Some(other) = other else { return self.clone() };
        let written = self.written.clone().unwrap_or_else(|| Box::new(self.clone()));
        let mut wish =
            Self { item: other.id, lineage: other.lineage, written: Some(written), ..self.clone() };
        let like = |name: &str| other.lines.iter().find(|line| line.name == name).map(|line| line.id);
        match &mut wish.intent {
            Intent::Number { line, from, to } => {
                let landed = self.landed(other, way, *from, *to);
                *line = landed.map_or(*line, |landed| landed.id);
            }
            Intent::Drop { was } => was.id = like(&was.name).unwrap_or(was.id),
            Intent::Whole { was, to } => {
                (was.id, to.id) = (other.id, other.id);
                if matches!(way, Way::CopyMerged | Way::BackMerged) {
                    with_lines_of(was, other);
                    with_lines_of(to, other);
                }
            }
            Intent::DropItem { was } => was.clone_from(other),
            _ => {}
        }
        wish
    }

    /// Where it may land but in its own item.
    fn other<'w>(&self, world: &'w World, way: Way) -> Option<&'w Item> {
        match way {
            Way::Elsewhere | Way::ElsewhereBeside => self.elsewhere(world),
            Way::Back | Way::BackMerged => {
                let own = self.origin.as_ref()?;
                // Upstream may have made a method of it before.
                let is_bare = matches!(self.named, Some((_, None)));
                let is_back = |item: &&Item| {
                    item.id != own.id
                        && item.lineage == own.lineage
                        && item.name == own.name
                        && (is_bare || item.kind == own.kind)
                };
                world.files[self.at].items.iter().find(is_back)
            }
            // Where its own is in its file still, a copy is none of the patch's.
            _ if world.item(self.item).is_some_and(|(at, _)| world.files[at].path == self.path) => None,
            _ => {
                let bare = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
                let holds =
                    |item: &&Item| self.search.as_ref().is_some_and(|search| item.render().contains(search));
                let holds_bare = |item: &&Item| {
                    let search = self.search.as_ref().map(|search| bare(search));
                    search.is_some_and(|search| bare(&item.render()).contains(&search))
                };
                let is_copy = |item: &&Item| item.id != self.item && item.lineage == self.lineage;
                // Of its name, with its line: only history knows that it stood there before.
                let is_namesake = |item: &&Item| {
                    let own = self.origin.as_ref();
                    let own = own.filter(|_| self.search.is_none() || way == Way::CopyMerged);
                    // A text does not say in which `impl` it stands.
                    let is_of = |own: &Item| self.search.is_some() || item.kind == own.kind;
                    let is_it = |own: &Item| item.head() == own.head() && is_of(own);
                    let line = self.shape.as_ref();
                    let is_same = |own: &Item| bare(&own.render()) == bare(&item.render());
                    // In its file, and much like it, it may be what upstream made of it.
                    let in_file = || world.files[self.at].items.iter().any(|here| here.id == item.id);
                    let has_most = |own: &Item| {
                        let is_here = |line: &&Line| item.lines.iter().any(|here| here.name == line.name);
                        own.lines.iter().filter(is_here).count() * 2 > own.lines.len()
                    };
                    let is_same =
                        |own: &Item| is_same(own) || way == Way::CopyMerged && in_file() && has_most(own);
                    own.is_some_and(is_it)
                        && match line {
                            Some(shape) => item.lines.iter().any(|line| line.name == shape.name),
                            None => own.is_some_and(is_same),
                        }
                };
                let others = || world.items().map(|(_, item)| item).filter(|item| item.id != self.item);
                let holder = || others().find(holds).or_else(|| others().find(holds_bare));
                let holder = || holder().or_else(|| others().find(is_namesake));
                // The only one with all of its names: it may be what its own became.
                let is_like = |item: &&Item| {
                    self.search.as_ref().is_some_and(|search| {
                        let text = item.render();
                        names_in(search).all(|name| names_in(&text).any(|there| there == name))
                    })
                };
                let only = || others().find(is_like).filter(|_| others().filter(is_like).count() == 1);
                let holder = || holder().or_else(only);
                let holder =
                    || holder().filter(|_| matches!(way, Way::Copy | Way::CopyMerged | Way::CopyBeside));
                // Of a copy that has it no more nobody knows that it is one.
                let copy = others().find(is_copy);
                copy.filter(holds)
                    .or_else(|| others().find(holds).and_then(|_| holder()))
                    .or(copy)
                    .or_else(holder)
            }
        }
    }

    /// Another item of the same file that holds all that the patch says, or did when it came.
    fn elsewhere<'w>(&self, world: &'w World) -> Option<&'w Item> {
        let is_named = |item: &Item| {
            let is_it = |(name, kind): &(String, Option<Kind>)| {
                item.name == *name && kind.as_ref().is_none_or(|kind| *kind == item.kind)
            };
            self.named.as_ref().is_none_or(is_it)
        };
        let bare = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let holds = |item: &Item, is_exact: bool| match (&self.search, &self.shape) {
            (Some(search), _) if is_exact => {
                let text = item.render();
                text.contains(search)
                    || matches!(&self.intent, Intent::Number { from, to, .. }
                    if text.contains(&search.replacen(&from.to_string(), &to.to_string(), 1)))
            }
            (Some(search), _) => bare(&item.render()).contains(&bare(search)),
            (None, Some(shape)) => {
                item.lines.iter().any(|line| alike(line, shape) && (!is_exact || line.name == shape.name))
            }
            (None, None) => self.named.is_some(),
        };
        let is_other = |item: &&Item| item.id != self.item && self.item != 0 && is_named(item);
        let mut others = world.files[self.at].items.iter().filter(is_other);
        // Upstream may have changed it before.
        let has_line = |item: &Item| {
            let is_it = |line: &Line| self.shape.as_ref().is_some_and(|shape| line.name == shape.name);
            item.lines.iter().any(is_it)
        };
        let is_twin = |item: &&Item| item.twin_of == self.item;
        // Where it stands as deep as the patch says it is no piece of a deeper line.
        let is_as_deep = |item: &&Item| {
            let search = self.search.as_ref().filter(|search| search.starts_with(' '));
            search.is_some_and(|search| item.render().contains(&format!("\n{search}")))
        };
        let here = (others.clone().find(is_as_deep))
            .or_else(|| others.clone().find(|item| holds(item, true)))
            .or_else(|| others.clone().find(|item| is_twin(item) && has_line(item)));
        // Where its item was moved to, and all that the patch says stands in what took its place there.
        // Where nothing names the item, that is the item that held the line.
        let held = |item: &Item| match &self.intent {
            Intent::Insert { anchor, .. } => self.named.is_none() && item.twin_lines.contains(anchor),
            _ => false,
        };
        let took_its_place = |item: &&Item| {
            is_other(item)
                && (item.twin_of == self.item && holds(item, true)
                    || held(item) && (holds(item, false) || has_line(item)))
        };
        here.or_else(|| world.items().map(|(_, item)| item).find(took_its_place))
            .or_else(|| others.clone().find(|item| holds(item, false)))
            .or_else(|| others.find(is_twin))
    }

    fn land_drop(&self, world: &mut World, way: Way, was: &Line) -> Option<()> {
        let (holder, id) = match way {
            way if way.is_elsewhere() => {
                let other = self.other(world, way)?;
                (other.id, other.lines.iter().find(|line| line.name == was.name)?.id)
            }
            _ => (self.item, was.id),
        };
        // A patch that writes the whole item may have put back what upstream put elsewhere.
        let is_own = |item: &&Item| item.id == holder && item.line(id).is_some();
        let item = world.items().map(|(_, item)| item).find(is_own).map(|item| item.id);
        let Some(item) = item.or_else(|| Some(world.line(id)?.0)) else { return Some(()) };
        let lines = &mut world.item_mut(item)?.lines;
        let at = lines.iter().position(|line| line.id == id)?;
        (Line { id, ..was.clone() } == lines[at]).then(|| drop(lines.remove(at)))
    }

    fn land_insert(
        &self,
        world: &mut World,
        way: Way,
        (anchor, is_after): (usize, bool),
        own: &Line,
        others: [&[Self]; 2],
    ) -> Option<()> {
        let id = match way {
            way if way.is_elsewhere() => self.other(world, way)?.id,
            // Where nothing names the item, the line beside which it goes does.
            Way::Over if self.named.is_none() => world.line(anchor)?.0,
            _ => self.item,
        };
        let item = world.item_mut(id)?;
        let mut named = item.lines.iter().filter(|line| line.name == own.name);
        if named.clone().any(|line| Line { id: own.id, ..line.clone() } == *own) {
            return Some(());
        }
        // In a copy of its item its line is another one.
        let ids: Vec<usize> = named.clone().map(|line| line.id).chain([own.id]).collect();
        if let Some(there) = named.clone().find(|line| line.number == own.number).or_else(|| named.next()) {
            let there = &Line { id: own.id, ..there.clone() };
            let reached = |wish: &Self| matches!(&wish.intent, Intent::Number { line, to, .. } if ids.contains(line) && *to == there.number);
            let is_there = there == own || others[1].iter().any(reached);
            if is_there || !matches!(way, Way::Beside | Way::CopyBeside | Way::ElsewhereBeside) {
                return is_there.then_some(());
            }
        }
        // In another item a line of its name is beside which it goes: what stands there side by side, a later patch may look for.
        let name = self.origin.as_ref().and_then(|origin| origin.line(anchor)).map(|line| &line.name);
        let is_like = |line: &Line| way.is_elsewhere() && Some(&line.name) == name;
        let at = item.lines.iter().position(|line| line.id == anchor || is_like(line));
        let at = at.map_or(0, |at| at + usize::from(is_after));
        item.lines.insert(at, own.clone());
        Some(())
    }

    fn land_whole(&self, world: &mut World, way: Way, [was, to]: [&Item; 2], later: &[Self]) -> Option<()> {
        let id = match way {
            way if way.is_elsewhere() => self.other(world, way)?.id,
            _ => was.id,
        };
        let item = world.item_mut(id)?;
        let (mut was, mut to) = (was.clone(), to.clone());
        if matches!(way, Way::CopyMerged | Way::BackMerged) {
            with_lines_of(&mut was, item);
            with_lines_of(&mut to, item);
        } else if way != Way::Merged {
            let (id, lineage, kind) = (item.id, item.lineage, item.kind.clone());
            let head_of = (kind != to.kind).then(|| to.kind.clone());
            *item = Item { id, lineage, kind, head_of, ..to };
            return Some(());
        }
        let changed = |line: &&Line| was.line(line.id) != Some(line);
        let reached = |new: &Line| {
            Self::reached(&new.number, later, |wish: &Self| match &wish.intent {
                Intent::Number { line, from, to } if *line == new.id => Some((*from, *to)),
                Intent::Whole { was, to } => Some((was.line(new.id)?.number, to.line(new.id)?.number)),
                _ => None,
            })
        };
        let is_dropped = |line: &Line| {
            later.iter().any(|wish| matches!(&wish.intent, Intent::Drop { was } if was.id == line.id))
        };
        // What it was accepted over went.
        if was.is_deeper != to.is_deeper {
            item.is_deeper = to.is_deeper;
        }
        for old in was.lines.iter().filter(|old| to.line(old.id).is_none()) {
            if let Some(at) = item.lines.iter().position(|line| line.id == old.id) {
                (item.lines[at] == *old).then(|| item.lines.remove(at))?;
            }
        }
        for new in to.lines.iter().filter(changed) {
            match (was.line(new.id), item.lines.iter_mut().find(|line| line.id == new.id)) {
                (_, None) if is_dropped(new) => {}
                // Upstream put it elsewhere before that was accepted.
                (None, None) => {
                    let at = to.lines.iter().position(|line| line.id == new.id).unwrap_or_default();
                    item.lines.insert(at.min(item.lines.len()), new.clone());
                }
                (Some(old), Some(there)) if there == old => there.clone_from(new),
                (Some(old), Some(there)) if there.number == old.number => there.number = new.number,
                (_, Some(there)) if reached(new).contains(&there.number) => {}
                _ => return None,
            }
        }
        Some(())
    }

    fn land_drop_item(&self, world: &mut World, way: Way, was: &Item, earlier: &[Self]) -> Option<()> {
        let id = match way {
            way if way.is_elsewhere() => self.other(world, way)?.id,
            _ => was.id,
        };
        // What patches before it made of the item goes with it.
        let is_own = earlier.iter().any(|wish| wish.item == self.item);
        match world.item(id).map(|(_, item)| item.clone()) {
            Some(there) if way == Way::Merged && there.lines != was.lines && !is_own => None,
            Some(_) => world.remove_item(id).map(drop),
            // A copy of it is not what the patch is about, but then it is not gone either, as long as it is known as one.
            None => {
                let is_copy = |item: &Item| {
                    item.lineage == was.lineage && item.kind == was.kind && item.head() == was.head()
                };
                world.items().all(|(_, item)| !is_copy(item)).then_some(())
            }
        }
    }

    fn land_item(&self, world: &mut World, way: Way, own: &Item, others: [&[Self]; 2]) -> Option<()> {
        let anchor = match way {
            way if way.is_elsewhere() => Some(self.other(world, way)?),
            _ => world.item(self.item).map(|(_, item)| item),
        };
        // What upstream made of it is another item under its name, if nobody knows that it was there.
        let is_other = |there: &Item| way == Way::Again && (there.kind != own.kind || there.name != own.name);
        // Beside the item of its name in another file it stands for somebody else.
        let is_apart = |at: usize| way == Way::Elsewhere && anchor.is_some() && at != self.at;
        let is_dropped = |line: &Line| {
            others[1].iter().any(|wish| matches!(&wish.intent, Intent::Drop { was } if was.id == line.id))
        };
        if let Some((_, there)) = world.item(own.id).filter(|(at, there)| !is_other(there) && !is_apart(*at))
        {
            let is_there = |line: &Line| {
                let step = |wish: &Self| match &wish.intent {
                    Intent::Number { line: other, from, to } if *other == line.id => Some((*from, *to)),
                    Intent::Whole { was, to } => Some((was.line(line.id)?.number, to.line(line.id)?.number)),
                    _ => None,
                };
                let reached = Self::reached(&line.number, others[1], step);
                is_dropped(line) || there.line(line.id).is_some_and(|there| reached.contains(&there.number))
            };
            return own.lines.iter().all(is_there).then_some(());
        }
        let anchor = anchor?;
        let (at, _) = world.item(anchor.id)?;
        let (kind, head_of) = (anchor.kind.clone(), (anchor.kind != own.kind).then(|| own.kind.clone()));
        let mut new = Item { kind, head_of, ..own.clone() };
        // What a later patch takes away it finds in the other one.
        if world.item(own.id).is_some() {
            new.lines.retain(|line| !is_dropped(line));
        }
        world.files[at].items.push(new);
        Some(())
    }
}

/// Gives the lines of an item the identities that those of its copy have.
fn with_lines_of(item: &mut Item, copy: &Item) {
    for line in &mut item.lines {
        let is_it = |there: &&Line| (&there.name, there.form) == (&line.name, line.form);
        line.id = copy.lines.iter().find(is_it).map_or(line.id, |there| there.id);
    }
}

/// The words of a text that are names, each of one line: `tide7`.
fn names_in(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.filter(|word| {
        word.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && word.ends_with(|letter: char| letter.is_ascii_digit())
    })
}

/// Whether a pattern of the line `shape`, without a callee where the pattern has a hole for it, may match the other one.
fn alike(there: &Line, shape: &Line) -> bool {
    let calls = shape.callee.is_empty() || there.callee == shape.callee;
    let is_call = |line: &Line| matches!(line.form, Form::Let | Form::Call);
    let is_form = there.form == shape.form || shape.argument == ANY && is_call(there) && is_call(shape);
    is_form && calls && there.number == shape.number
}
