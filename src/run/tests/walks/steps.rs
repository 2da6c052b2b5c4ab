//! What upstream does in a commit or two.

use super::model::{Dice, Form, Item, Kind, Line, World};
use super::wishes::{Intent, Way, Wish};

/// In words, for the report of a walk.
pub(super) const NAMES: [&str; 20] = [
    "adds a line",
    "removes a line",
    "changes another number",
    "changes the call",
    "changes the place",
    "renames the item",
    "moves the item",
    "removes the item",
    "copies the item, then removes it",
    "puts a twin in its place",
    "adopts",
    "adopts and changes again",
    "adopts an insertion elsewhere",
    "sorts",
    "indents",
    "renames the file",
    "undoes",
    "moves the line to another item",
    "makes it a method",
    "takes the name for another item",
];

/// The trees of the commits of one step.
pub(super) fn commits(kind: usize, world: &World, wishes: &[Wish], dice: &mut Dice) -> Vec<World> {
    let mut next = world.clone();
    let wish = &wishes[dice.below(wishes.len())];
    let ids: Vec<usize> = world.items().map(|(_, item)| item.id).collect();
    let any = ids[dice.below(ids.len())];
    let target = if dice.one_in(4) || world.item(wish.item).is_none() { any } else { wish.item };
    let line = line_of(wish).filter(|_| target == wish.item);
    let done = match NAMES[kind] {
        "adds a line" => add_line(&mut next, target, dice),
        "removes a line" => with_lines(&mut next, target, |lines| {
            let other = lines.iter().position(|there| Some(there.id) != line)?;
            (lines.len() > 1).then(|| drop(lines.remove(other)))
        }),
        "changes another number" => {
            let number = 400_000 + next.id();
            with_lines(&mut next, target, |lines| {
                lines.iter_mut().rev().find(|there| Some(there.id) != line)?.number = number;
                Some(())
            })
        }
        "changes the call" => {
            let callee = format!("call{}", next.id());
            with_lines(&mut next, target, |lines| {
                lines.iter_mut().find(|there| line.is_none_or(|id| there.id == id))?.callee = callee;
                Some(())
            })
        }
        "changes the place" => change_place(&mut next, wish, target, dice),
        "renames the item" => {
            let id = next.id();
            next.item_mut(target).map(|item| item.name = format!("{}_{id}", item.name))
        }
        // What a patch put in is found in its file only.
        "moves the item" if is_own_item(wishes, target) => None,
        "moves the item" => move_item(&mut next, target, dice),
        "removes the item" => (ids.len() > 2).then(|| next.remove_item(target)).flatten().map(drop),
        "copies the item, then removes it" => return copy_then_remove(next, target, dice),
        "puts a twin in its place" => return put_twin(next, target, dice),
        "adopts" => wish.land(&mut next, Way::Merged, [&[], &[]]),
        "adopts and changes again" => {
            wish.land(&mut next, Way::Merged, [&[], &[]]);
            let adopted = next.clone();
            change_place(&mut next, wish, target, dice);
            return vec![adopted, next];
        }
        "adopts an insertion elsewhere" => adopt_elsewhere(&mut next, wish, dice),
        "sorts" => {
            next.files.iter_mut().for_each(|file| {
                file.items.sort_by(|a, b| a.name.cmp(&b.name));
                file.uses.sort();
            });
            Some(())
        }
        "indents" => {
            next.item_mut(target).filter(|item| item.kind != Kind::Const).map(|item| item.is_deeper ^= true)
        }
        "renames the file" => {
            let id = next.id();
            let at = dice.below(next.files.len());
            Some(next.files[at].path = format!("src/hull{id}.rs"))
        }
        "undoes" => undo(&mut next, wish),
        "moves the line to another item" => move_line(&mut next, line, any),
        "makes it a method" => next.item_mut(target).filter(|item| item.kind != Kind::Const).map(|item| {
            item.kind = if item.kind == Kind::Function { Kind::Method("Anchor") } else { Kind::Function };
        }),
        // What a patch put in does not take the name of what it was put beside.
        _ if wishes.iter().any(|wish| matches!(&wish.intent, Intent::AddItem { own } if own.id == any)) => {
            None
        }
        _ => return take_name(next, target, any, wishes),
    };
    if done.is_none() || has_namesakes(&next) || next == *world { vec![world.clone()] } else { vec![next] }
}

/// Whether a patch puts in an item.
fn is_own_item(wishes: &[Wish], item: usize) -> bool {
    wishes.iter().any(|wish| matches!(&wish.intent, Intent::AddItem { own } if own.id == item))
}

/// Whether two items of a file have one name.
fn has_namesakes(world: &World) -> bool {
    world.files.iter().any(|file| {
        let same = |a: &Item, b: &Item| a.id != b.id && a.name == b.name && a.kind == b.kind;
        file.items.iter().any(|a| file.items.iter().any(|b| same(a, b)))
    })
}

/// The line that a patch is about.
fn line_of(wish: &Wish) -> Option<usize> {
    match &wish.intent {
        Intent::Number { line, .. } => Some(*line),
        Intent::Drop { was } => Some(was.id),
        Intent::Insert { anchor, .. } => Some(*anchor),
        Intent::Whole { was, to } => {
            to.lines.iter().find(|line| was.line(line.id) != Some(line)).map(|line| line.id)
        }
        _ => None,
    }
}

fn with_lines(
    world: &mut World,
    item: usize,
    change: impl FnOnce(&mut Vec<Line>) -> Option<()>,
) -> Option<()> {
    let item = world.item_mut(item).filter(|item| item.kind != Kind::Const)?;
    change(&mut item.lines)
}

fn add_line(world: &mut World, item: usize, dice: &mut Dice) -> Option<()> {
    let line = world.a_line(dice);
    with_lines(world, item, |lines| {
        let at = dice.below(lines.len() + 1);
        Some(lines.insert(at, line))
    })
}

/// Changes what the patch changes.
fn change_place(world: &mut World, wish: &Wish, item: usize, dice: &mut Dice) -> Option<()> {
    let number = 500_000 + world.id();
    match &wish.intent {
        Intent::Value { key, .. } | Intent::DropKey { key, .. } | Intent::AddKey { key, .. } => {
            let (_, value) =
                world.manifest.iter_mut().flat_map(|(_, keys)| keys).find(|(name, _)| name == key)?;
            Some(*value = format!("\"{number}.0\""))
        }
        Intent::Insert { own, .. } if world.line(own.id).is_some() => {
            Some(world.line_mut(own.id)?.number = own.number + 5)
        }
        _ => {
            let line = line_of(wish).filter(|line| world.line(*line).is_some());
            let first = world.item(item)?.1.lines.first()?.id;
            let line = world.line_mut(line.unwrap_or(first))?;
            Some(line.number = if dice.one_in(3) { dice.below(4) } else { number })
        }
    }
}

fn move_item(world: &mut World, id: usize, dice: &mut Dice) -> Option<()> {
    let (from, _) = world.item(id)?;
    let to = dice.below(world.files.len());
    let item = world.remove_item(id)?;
    let at = dice.below(world.files[to].items.len() + 1);
    world.files[to].items.insert(at, item);
    (to != from).then_some(())
}

fn copied(world: &mut World, item: &Item) -> Item {
    let lines = item.lines.iter().map(|line| Line { id: world.id(), ..line.clone() }).collect();
    Item { id: world.id(), lines, ..item.clone() }
}

fn copy_then_remove(world: World, id: usize, dice: &mut Dice) -> Vec<World> {
    let mut next = world.clone();
    let Some((from, item)) = world.item(id) else { return vec![world] };
    let to = (from + 1 + dice.below(world.files.len() - 1)) % world.files.len();
    let copy = copied(&mut next, item);
    next.files[to].items.push(copy);
    let both = next.clone();
    next.remove_item(id);
    if has_namesakes(&both) { vec![world] } else { vec![both, next] }
}

/// Something like it stands beside it under another name, and then it goes.
fn put_twin(mut world: World, id: usize, dice: &mut Dice) -> Vec<World> {
    let Some((at, item)) = world.item(id) else { return vec![world] };
    let item = item.clone();
    let mut twin = copied(&mut world, &item);
    (twin.lineage, twin.twin_of) = (twin.id, item.id);
    twin.twin_lines = item.lines.iter().map(|line| line.id).collect();
    twin.name = format!("{}_{}", twin.name, twin.id);
    if item.kind != Kind::Const && dice.one_in(2) && !twin.lines.is_empty() {
        let line = dice.below(twin.lines.len());
        twin.lines[line] = world.a_line(dice);
    }
    let items = &mut world.files[at].items;
    let place = items.iter().position(|item| item.id == id).unwrap_or_default();
    items.insert(place, twin);
    let both = world.clone();
    world.remove_item(id);
    vec![both, world]
}

/// Takes over what the patch puts in, at another place of the item.
fn adopt_elsewhere(world: &mut World, wish: &Wish, dice: &mut Dice) -> Option<()> {
    match &wish.intent {
        Intent::Insert { own, .. } if world.line(own.id).is_none() => with_lines(world, wish.item, |lines| {
            let at = dice.below(lines.len() + 1);
            Some(lines.insert(at, own.clone()))
        }),
        Intent::Use { own } => {
            let file = &mut world.files[wish.at];
            Some(if !file.uses.contains(own) {
                file.uses.insert(0, own.clone())
            })
        }
        _ => wish.land(world, Way::Merged, [&[], &[]]),
    }
}

/// Takes back what the patch did, where it did it.
fn undo(world: &mut World, wish: &Wish) -> Option<()> {
    match &wish.intent {
        Intent::Number { line, from, to } => {
            let line = world.line_mut(*line).filter(|line| line.number == *to)?;
            Some(line.number = *from)
        }
        Intent::Insert { own, .. } => {
            let (item, _) = world.line(own.id)?;
            Some(world.item_mut(item)?.lines.retain(|line| line.id != own.id))
        }
        Intent::Drop { was } if world.line(was.id).is_none() => {
            Some(world.item_mut(wish.item)?.lines.push(was.clone()))
        }
        Intent::Whole { was, to } => {
            let line = to.lines.iter().find(|line| was.line(line.id) != Some(line))?;
            let number = was.line(line.id)?.number;
            Some(world.line_mut(line.id)?.number = number)
        }
        _ => None,
    }
}

/// The line leaves its item for another one.
fn move_line(world: &mut World, line: Option<usize>, to: usize) -> Option<()> {
    let (from, line) = world.line(line?)?;
    let line = line.clone();
    // Of two lines that say the same in one item nobody knows which is which.
    let says_it = |there: &Line| Line { id: line.id, ..there.clone() } == line;
    let has_it = world.item(to)?.1.lines.iter().any(says_it);
    if from == to || has_it || line.form == Form::Const || world.item(from)?.1.lines.len() < 2 {
        return None;
    }
    world.item_mut(from)?.lines.retain(|there| there.id != line.id);
    with_lines(world, to, |lines| Some(lines.push(line)))
}

/// Another item gets its name, and it goes.
fn take_name(world: World, id: usize, other: usize, wishes: &[Wish]) -> Vec<World> {
    let (Some((at, item)), Some((there, next))) = (world.item(id), world.item(other)) else {
        return vec![world];
    };
    // Of two items whose texts are the same, the one that has the name is it; and so is what is as patches were written for.
    let renamed = Item { name: item.name.clone(), ..next.clone() }.render();
    let origins = wishes.iter().filter_map(|wish| wish.origin.as_ref());
    let is_it = origins.chain([item]).any(|was| was.render() == renamed);
    if id == other || (next.kind == Kind::Const) != (item.kind == Kind::Const) || is_it {
        return vec![world];
    }
    let (mut one, name) = (world.clone(), item.name.clone());
    if at == there {
        one.remove_item(id);
    }
    if let Some(next) = one.item_mut(other).filter(|_| at != there) {
        next.name.clone_from(&name);
    }
    let mut both = one.clone();
    both.remove_item(id);
    if let Some(next) = both.item_mut(other) {
        if at == there && item.kind == Kind::Const {
            // A const is its name, with another value.
            let number = next.lines[0].number;
            next.clone_from(item);
            next.lines[0].number = number;
        }
        next.name = name;
    }
    if has_namesakes(&one) || has_namesakes(&both) { vec![world] } else { vec![one, both] }
}
