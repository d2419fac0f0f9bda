//! The direction of imports: each room under `src/` may use those below it, and no two files there or in a crate under
//! `crates/` use each other, not even by way of others. A stranger then reads from the command line down, and a room can be
//! changed without knowing what stands above it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::Path;

/// The rooms from the top floor down. Rooms of one floor may use each other, as long as no circle comes of it.
const FLOORS: &[&[&str]] = &[
    &["main", "lib"],
    &["cli", "usage"],
    &["commands"],
    &["context", "render", "report"],
    &["legacy", "repository", "archive", "folders"],
    &["job", "terminal"],
    &["settings"],
    &["system"],
    &["text"],
    &["time", "error"],
];

type Module = Vec<String>;

/// What the files of one crate import of each other, tests left out.
struct House {
    /// The crate's `src` folder, below the repository.
    folder: String,
    /// The file of each module, below `folder`.
    files: BTreeMap<Module, String>,
    /// The code of each file without comments and tests.
    codes: BTreeMap<String, String>,
    /// What a module hands on under another path: `pub use`.
    handed_on: BTreeMap<(Module, String), Module>,
}

/// Of `job/row/read.rs` it is `job`, `row`, `read`; of `lib.rs` nothing.
fn module_of(file: &str) -> Module {
    let path = file.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    match path {
        "lib" | "mod" => Vec::new(),
        path => path.split('/').map(str::to_owned).collect(),
    }
}

fn room_of(file: &str) -> &str {
    let first = file.split('/').next().unwrap_or(file);
    first.trim_end_matches(".rs")
}

fn floor_of(file: &str) -> usize {
    let room = room_of(file);
    let floor = FLOORS.iter().position(|floor| floor.contains(&room));
    floor.unwrap_or_else(|| panic!("src/{file}: the room {room} has no floor in {}", file!()))
}

/// The code before the tests of the file, without comments, and with visibilities made plain.
fn code_of(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if line == "#[cfg(test)]" {
            let mut next = lines.clone().skip_while(|line| line.starts_with("#["));
            if next.next().is_some_and(|line| line.ends_with('{')) {
                break;
            }
        }
        let line = line.split("//").next().unwrap_or_default();
        code.push_str(line);
        code.push('\n');
    }
    while let Some(begin) = code.find("pub(") {
        let end = code[begin..]
            .find(')')
            .map_or(code.len(), |end| begin + end);
        code.replace_range(begin + 3..=end, "");
    }
    code
}

/// A path that is imported, the name that it gets here, and whether it is handed on.
struct Import {
    path: Vec<String>,
    name: String,
    is_public: bool,
}

fn segments(path: &str) -> Vec<String> {
    path.split("::")
        .map(|part| part.trim().to_owned())
        .collect()
}

/// The byte range of each `use` statement, from its keyword to its semicolon, and whether it is public.
fn statements(code: &str) -> Vec<(Range<usize>, bool)> {
    let statement = |(at, _)| {
        let line = code[..at].rsplit('\n').next().unwrap_or_default().trim();
        let end = code[at..].find(';')?;
        ["", "pub"]
            .contains(&line)
            .then(|| (at..at + end, line == "pub"))
    };
    code.match_indices("use ").filter_map(statement).collect()
}

/// The imports of a file. Lists within lists are not written in this house.
fn imports(code: &str) -> Vec<Import> {
    let mut imports = Vec::new();
    for (range, is_public) in statements(code) {
        let statement = code[range.start + 4..range.end].replace('\n', " ");
        let (before, list) = match statement.split_once("::{") {
            Some((before, list)) => (before.trim(), list.trim_end_matches('}')),
            None => ("", statement.as_str()),
        };
        for item in list
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
        {
            let (path, name) = match item.split_once(" as ") {
                Some((path, name)) => (path, Some(name)),
                None => (item, None),
            };
            let mut path = segments(path);
            if !before.is_empty() {
                let mut whole = segments(before);
                if path != ["self"] {
                    whole.append(&mut path);
                }
                path = whole;
            }
            let last = path.last().cloned().unwrap_or_default();
            imports.push(Import {
                path,
                name: name.map_or(last, |name| name.trim().to_owned()),
                is_public,
            });
        }
    }
    imports
}

/// The paths that stand in the code itself.
fn paths_in(code: &str) -> Vec<Vec<String>> {
    let mut code = code.to_owned();
    for (range, _) in statements(&code).into_iter().rev() {
        code.replace_range(range, "");
    }
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = code.split(|c: char| !is_part(c));
    words
        .filter(|word| word.contains("::") && !word.starts_with(':'))
        .map(segments)
        .collect()
}

impl House {
    fn read(folder: &str) -> House {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut texts = BTreeMap::new();
        collect(&root, "", &mut texts);
        House::of(folder, texts)
    }

    fn of(folder: &str, texts: BTreeMap<String, String>) -> House {
        let codes: BTreeMap<String, String> = texts
            .iter()
            .filter(|(file, _)| !format!("/{file}").contains("/tests/"))
            .map(|(file, text)| (file.clone(), code_of(text)))
            .collect();
        let files = codes
            .keys()
            .filter(|file| *file != "main.rs")
            .map(|file| (module_of(file), file.clone()))
            .collect();
        let mut house = House {
            folder: folder.to_owned(),
            files,
            codes,
            handed_on: BTreeMap::new(),
        };
        let mut handed_on = BTreeMap::new();
        for (module, file) in &house.files {
            for import in imports(&house.codes[file]) {
                if let Some(path) = house
                    .absolute(&import.path, module)
                    .filter(|_| import.is_public)
                {
                    handed_on.insert((module.clone(), import.name), path);
                }
            }
        }
        house.handed_on = handed_on;
        house
    }

    /// The path from the top of the crate; None where it leads out of it.
    fn absolute(&self, path: &[String], here: &Module) -> Option<Module> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([here, rest].concat()),
            "super" => {
                let ups = path.iter().take_while(|part| *part == "super").count();
                let kept = here.len().checked_sub(ups)?;
                Some([&here[..kept], &path[ups..]].concat())
            }
            _ => {
                let child = [&here[..], std::slice::from_ref(first)].concat();
                self.files
                    .contains_key(&child)
                    .then(|| [&here[..], path].concat())
            }
        }
    }

    /// The file that a path leads to, by way of what is handed on.
    fn target(&self, path: &[String], steps: usize) -> Option<&String> {
        let length = (0..=path.len())
            .rev()
            .find(|length| self.files.contains_key(&path[..*length]))?;
        let module = path[..length].to_vec();
        let file = self.files.get(&module)?;
        let next = path.get(length).map(|name| (module, name.clone()));
        match next.and_then(|next| self.handed_on.get(&next)) {
            Some(further) if steps > 0 => {
                let further = [further, &path[length + 1..]].concat();
                self.target(&further, steps - 1)
            }
            _ => Some(file),
        }
    }

    /// The files that each file uses. What is only handed on is used where it is imported.
    fn uses(&self) -> BTreeMap<&String, BTreeSet<&String>> {
        let uses = |(module, file): (&Module, &String)| {
            let code = &self.codes[file];
            let imports = imports(code).into_iter().filter(|import| !import.is_public);
            let paths = imports.map(|import| import.path).chain(paths_in(code));
            let targets = paths.filter_map(|path| {
                let path = self.absolute(&path, module)?;
                self.target(&path, 8)
            });
            targets.filter(|target| *target != file).collect()
        };
        let files = self.files.iter();
        files
            .map(|(module, file)| (file, uses((module, file))))
            .collect()
    }

    fn path(&self, file: &str) -> String {
        format!("{}/{file}", self.folder)
    }

    fn arrows_up(&self) -> Vec<String> {
        let is_up =
            |from: &str, to: &str| room_of(from) != room_of(to) && floor_of(to) < floor_of(from);
        let uses = self.uses();
        let arrows = uses
            .iter()
            .flat_map(|(from, targets)| targets.iter().map(move |to| (from, to)));
        arrows
            .filter(|(from, to)| is_up(from, to))
            .map(|(from, to)| {
                let (from, to) = (self.path(from), self.path(to));
                format!("{from} uses {to}, which stands above it")
            })
            .collect()
    }

    /// Two files of each circle, with the way back from the second to the first.
    fn circles(&self) -> Vec<String> {
        let uses = self.uses();
        let mut told = BTreeSet::new();
        let mut circles = Vec::new();
        for (from, targets) in &uses {
            for to in targets {
                if let Some(way) = way(&uses, to, from)
                    && !way.iter().all(|file| told.contains(*file))
                {
                    told.extend(way.iter().copied());
                    let way: Vec<_> = way.iter().map(|file| self.path(file)).collect();
                    circles.push(format!(
                        "{} uses {}, and back: {}",
                        self.path(from),
                        self.path(to),
                        way.join(" uses ")
                    ));
                }
            }
        }
        circles
    }
}

/// The shortest way from one file to another along what each uses.
fn way<'a>(
    uses: &BTreeMap<&'a String, BTreeSet<&'a String>>,
    from: &'a String,
    to: &String,
) -> Option<Vec<&'a String>> {
    let mut ways = vec![vec![from]];
    let mut seen = BTreeSet::from([from]);
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            let last = *way.last()?;
            if last == to {
                return Some(way);
            }
            for next in uses.get(last).into_iter().flatten() {
                if seen.insert(next) {
                    longer.push([&way[..], &[*next]].concat());
                }
            }
        }
        ways = longer;
    }
    None
}

fn collect(folder: &Path, below: &str, into: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{below}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            collect(&path, &format!("{name}/"), into);
        } else if name.ends_with(".rs") {
            into.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

#[track_caller]
fn none(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn no_file_uses_one_that_stands_above_it() {
    none(&House::read("src").arrows_up());
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    let names = fs::read_dir(crates).unwrap().map(|entry| {
        let name = entry.unwrap().file_name();
        format!("crates/{}/src", name.to_str().unwrap())
    });
    let folders = names.chain(["src".to_owned()]);
    let circles = folders.flat_map(|folder| {
        let house = House::read(&folder);
        assert!(!house.files.is_empty(), "{folder}");
        house.circles()
    });
    none(&circles.collect::<Vec<_>>());
}

fn house(files: &[(&str, &str)]) -> House {
    let owned = |(file, text): &(&str, &str)| ((*file).to_owned(), (*text).to_owned());
    House::of("src", files.iter().map(owned).collect())
}

#[test]
fn an_arrow_up_is_seen_in_every_spelling() {
    for code in [
        "use crate::commands::list;",
        "use crate::commands::{self, list};",
        "pub(crate) fn f() { crate::commands::list::g() }",
        "use super::super::commands::list::g as h;",
        "use crate::{\n    commands, time,\n};\n",
    ] {
        let house = house(&[
            ("lib.rs", "mod commands;\nmod job;"),
            ("commands/mod.rs", "pub mod list;"),
            ("commands/list.rs", "pub fn g() {}"),
            ("job/mod.rs", "mod id;"),
            ("job/id.rs", code),
        ]);
        assert!(!house.arrows_up().is_empty(), "{code}");
    }
    let house = house(&[
        ("lib.rs", "mod commands;\nmod job;"),
        ("commands/mod.rs", "use crate::job::Id; // crate::main"),
        (
            "job/mod.rs",
            "mod id;\npub use id::Id;\n#[cfg(test)]\nmod tests {\n    use crate::commands::list;\n}",
        ),
        ("job/id.rs", "pub(in crate::job) struct Id;"),
    ]);
    none(&house.arrows_up());
    none(&house.circles());
}

#[test]
fn a_circle_is_seen_through_others_and_through_what_is_handed_on() {
    let house = house(&[
        ("lib.rs", "mod job;"),
        ("job/mod.rs", "mod a;\nmod b;\nmod c;\npub use a::A;"),
        ("job/a.rs", "use super::b::B;"),
        ("job/b.rs", "fn f() { super::c::g() }"),
        ("job/c.rs", "use crate::job::A;"),
    ]);
    let circles = house.circles();
    assert_eq!(circles.len(), 1, "{circles:?}");
    assert!(circles[0].contains("src/job/a.rs") && circles[0].contains("src/job/c.rs"));
}
