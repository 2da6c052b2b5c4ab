//! The tree as a walk knows it: items and lines with identities that no text has, and the text that they make.

/// Numbers, each of them different, from a seed.
#[derive(Debug, Clone)]
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.roll() % end.max(1) as u64) as usize
    }

    /// Whether one of `of` came up.
    pub(super) fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Let,
    Call,
    If,
    Const,
}

/// A statement, or the value of a const. Copies share all but the identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) id: usize,
    pub(super) form: Form,
    pub(super) name: String,
    pub(super) callee: String,
    pub(super) argument: String,
    pub(super) number: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Function,
    Method(&'static str),
    Const,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) id: usize,
    /// Of what it is a copy, or its own.
    pub(super) lineage: usize,
    /// The item beside which it was made, after it; 0 for none.
    pub(super) twin_of: usize,
    /// The lines that stood there when it was made.
    pub(super) twin_lines: Vec<usize>,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) lines: Vec<Line>,
    /// Its lines stand in a block of their own.
    pub(super) is_deeper: bool,
    /// Its head is one of another kind, where a patch wrote it over.
    pub(super) head_of: Option<Kind>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SourceFile {
    pub(super) path: String,
    pub(super) uses: Vec<String>,
    pub(super) items: Vec<Item>,
}

/// Sections of a manifest: names, and keys with values.
pub(super) type Sections = Vec<(String, Vec<(String, String)>)>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct World {
    pub(super) files: Vec<SourceFile>,
    pub(super) manifest: Sections,
    /// The next identity.
    pub(super) next: usize,
}

pub(super) const MANIFEST: &str = "hold/Cargo.toml";
const PATHS: [&str; 4] = ["src/bow.rs", "src/keel.rs", "src/mast.rs", "src/stern.rs"];
const TYPES: [&str; 2] = ["Anchor", "Rudder"];
const NAMES: [&str; 7] = ["hoist", "lower", "steer", "haul", "furl", "moor", "sound"];
const WORDS: [&str; 9] = ["reef", "tide", "knot", "gale", "buoy", "wake", "chart", "swell", "lee"];
const CALLEES: [&str; 5] = ["measure", "signal", "trim", "weigh", "stow"];
const CRATES: [&str; 5] = ["kelp", "krill", "coral", "shoal", "brine"];

impl Line {
    pub(super) fn render(&self, indent: &str) -> String {
        let Self { name, callee, argument, number, .. } = self;
        match self.form {
            Form::Let => format!("{indent}let {name} = {callee}({argument}, {number});\n"),
            Form::Call => format!("{indent}{callee}({name}, {number});\n"),
            Form::If => {
                format!("{indent}if {name} > {number} {{\n{indent}    {callee}({argument});\n{indent}}}\n")
            }
            Form::Const => unreachable!("a const is an item"),
        }
    }

    /// The same but for its number.
    pub(super) fn with(&self, number: usize) -> Self {
        Self { number, ..self.clone() }
    }
}

impl Item {
    fn new(id: usize, name: String, kind: Kind, lines: Vec<Line>) -> Self {
        let (lineage, twin_of, twin_lines) = (id, 0, Vec::new());
        Self { id, lineage, twin_of, twin_lines, name, kind, lines, is_deeper: false, head_of: None }
    }

    /// How far its head stands from the margin.
    pub(super) fn indent(&self) -> &'static str {
        if matches!(self.kind, Kind::Method(_)) { "    " } else { "" }
    }

    /// How far its lines do.
    pub(super) fn depth(&self) -> String {
        let inner = if self.is_deeper { "        " } else { "    " };
        format!("{}{inner}", self.indent())
    }

    pub(super) fn head(&self) -> String {
        let (indent, name) = (self.indent(), &self.name);
        match self.head_of.as_ref().unwrap_or(&self.kind) {
            Kind::Method(_) => format!("{indent}pub fn {name}(&self, deck: u32) {{\n"),
            _ => format!("{indent}pub fn {name}(deck: u32) {{\n"),
        }
    }

    /// With the line end.
    pub(super) fn render(&self) -> String {
        if self.kind == Kind::Const {
            return format!("pub const {}: u32 = {};\n", self.name, self.lines[0].number);
        }
        let body: String = self.lines.iter().map(|line| line.render(&self.depth())).collect();
        let indent = self.indent();
        let body = match self.is_deeper {
            true => format!("{indent}    if open_{}() {{\n{body}{indent}    }}\n", self.lineage),
            false => body,
        };
        format!("{}{body}{indent}}}\n", self.head())
    }

    pub(super) fn line(&self, id: usize) -> Option<&Line> {
        self.lines.iter().find(|line| line.id == id)
    }
}

impl SourceFile {
    pub(super) fn render(&self) -> String {
        let mut parts: Vec<String> = vec![self.uses.iter().map(|path| format!("use {path};\n")).collect()];
        parts
            .extend(self.items.iter().filter(|item| !matches!(item.kind, Kind::Method(_))).map(Item::render));
        for of in TYPES {
            let methods: Vec<String> =
                self.items.iter().filter(|item| item.kind == Kind::Method(of)).map(Item::render).collect();
            if !methods.is_empty() {
                parts.push(format!("impl {of} {{\n{}}}\n", methods.join("\n")));
            }
        }
        parts.join("\n")
    }
}

impl World {
    /// Two to four files with functions, methods and consts, some of them alike.
    pub(super) fn new(dice: &mut Dice) -> Self {
        let mut world = Self { files: Vec::new(), manifest: Vec::new(), next: 1 };
        for path in &PATHS[..2 + dice.below(3)] {
            let uses = (0..2 + dice.below(3)).map(|_| world.a_use(dice)).collect();
            world.files.push(SourceFile { path: (*path).to_owned(), uses, items: Vec::new() });
            for _ in 0..2 + dice.below(3) {
                let item = world.an_item(dice);
                let file = world.files.last_mut().unwrap();
                if file.items.iter().all(|other| (&other.name, &other.kind) != (&item.name, &item.kind)) {
                    file.items.push(item);
                }
            }
        }
        let dependencies =
            CRATES.map(|name| (name.to_owned(), format!("\"{}.{}\"", dice.below(3), dice.below(9))));
        let package =
            vec![("name".to_owned(), "\"hold\"".to_owned()), ("edition".to_owned(), "\"2021\"".to_owned())];
        world.manifest =
            vec![("package".to_owned(), package), ("dependencies".to_owned(), dependencies.to_vec())];
        world
    }

    pub(super) fn id(&mut self) -> usize {
        self.next += 1;
        self.next
    }

    fn a_use(&mut self, dice: &mut Dice) -> String {
        format!("crate::{}::{}{}", CALLEES[dice.below(5)], WORDS[dice.below(9)], self.id())
    }

    pub(super) fn a_line(&mut self, dice: &mut Dice) -> Line {
        let id = self.id();
        let form = [Form::Let, Form::Let, Form::Call, Form::If][dice.below(4)];
        let number = if dice.one_in(3) { dice.below(4) } else { 300 + id };
        Line {
            id,
            form,
            name: format!("{}{id}", WORDS[dice.below(9)]),
            callee: CALLEES[dice.below(5)].to_owned(),
            argument: if dice.one_in(2) { "deck".to_owned() } else { format!("lit{id}") },
            number,
        }
    }

    fn an_item(&mut self, dice: &mut Dice) -> Item {
        let earlier: Vec<&Item> =
            self.items().map(|(_, item)| item).filter(|item| item.kind != Kind::Const).collect();
        let twin =
            (!earlier.is_empty() && dice.one_in(3)).then(|| earlier[dice.below(earlier.len())].clone());
        let id = self.id();
        let kind = match dice.below(5) {
            0 | 1 => Kind::Function,
            2 | 3 => Kind::Method(TYPES[dice.below(2)]),
            _ => Kind::Const,
        };
        if kind == Kind::Const {
            let line = Line { form: Form::Const, ..self.a_line(dice) };
            let name = format!("LIMIT_{}", dice.below(4));
            return Item::new(id, name, kind, vec![line]);
        }
        let name = NAMES[dice.below(NAMES.len())].to_owned();
        let mut lines: Vec<Line> = match twin {
            Some(twin) => twin.lines.iter().map(|line| Line { id: self.id(), ..line.clone() }).collect(),
            None => (0..2 + dice.below(4)).map(|_| self.a_line(dice)).collect(),
        };
        // A twin differs in a line, or only in its name.
        if dice.one_in(2) {
            let at = dice.below(lines.len());
            lines[at] = self.a_line(dice);
        }
        Item::new(id, name, kind, lines)
    }

    /// All items, with the index of their file.
    pub(super) fn items(&self) -> impl Iterator<Item = (usize, &Item)> {
        self.files.iter().enumerate().flat_map(|(at, file)| file.items.iter().map(move |item| (at, item)))
    }

    pub(super) fn item(&self, id: usize) -> Option<(usize, &Item)> {
        self.items().find(|(_, item)| item.id == id)
    }

    pub(super) fn item_mut(&mut self, id: usize) -> Option<&mut Item> {
        self.files.iter_mut().flat_map(|file| &mut file.items).find(|item| item.id == id)
    }

    /// The line of this identity, wherever it stands, with its item.
    pub(super) fn line(&self, id: usize) -> Option<(usize, &Line)> {
        self.items().find_map(|(_, item)| Some((item.id, item.line(id)?)))
    }

    pub(super) fn line_mut(&mut self, id: usize) -> Option<&mut Line> {
        self.files
            .iter_mut()
            .flat_map(|file| &mut file.items)
            .flat_map(|item| &mut item.lines)
            .find(|line| line.id == id)
    }

    pub(super) fn remove_item(&mut self, id: usize) -> Option<Item> {
        for file in &mut self.files {
            if let Some(at) = file.items.iter().position(|item| item.id == id) {
                return Some(file.items.remove(at));
            }
        }
        None
    }

    /// Path and text of every file.
    pub(super) fn render(&self) -> Vec<(String, String)> {
        let section = |(name, keys): &(String, Vec<(String, String)>)| {
            let keys: String = keys.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
            format!("[{name}]\n{keys}")
        };
        let manifest = self.manifest.iter().map(section).collect::<Vec<_>>().join("\n");
        let files = self.files.iter().map(|file| (file.path.clone(), file.render()));
        files.chain([(MANIFEST.to_owned(), manifest)]).collect()
    }
}
