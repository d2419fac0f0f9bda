//! Pages of a listing that were given as dumps: a page is not the whole, and several may be it together.

use super::import::Import;
use crate::commands::parts::consent::grouped;
use crate::legacy::reader::{Missing, Page, missing};
use crate::legacy::threads::messages::{Problem, Remedy};
use crate::text::json::{Layout, Object};

#[derive(Debug, Default)]
pub(super) struct Pages {
    /// Pages of all dumps, with the dump of each.
    all: Vec<(usize, Page)>,
    missing: Option<Missing>,
}

impl Pages {
    pub(super) fn add(&mut self, source: usize, pages: Vec<Page>) {
        self.all
            .extend(pages.into_iter().map(|page| (source, page)));
    }

    /// Looks, when all dumps have been read, whether they have all that their pages tell of.
    pub(super) fn end(&mut self) {
        let pages: Vec<Page> = self.all.iter().map(|(_, page)| page.clone()).collect();
        self.missing = missing(&pages);
    }

    /// Says that there are more, and the dump that says so; of several, none.
    pub(super) fn message(&self) -> Option<(Option<usize>, String)> {
        let missing = self.missing?;
        let (first, _) = self.all.first()?;
        let one = self.all.iter().all(|(source, _)| source == first);
        let (pages, say) = match self.all.len() {
            1 => ("the page", "says"),
            _ => ("the pages", "say"),
        };
        let of = match missing.total {
            Some(total) => format!(" of {}", grouped(total)),
            None => " and more".to_owned(),
        };
        let jobs = grouped(missing.jobs);
        let text = format!("{jobs}{of}: {pages} {say} there are more; export gives all");
        Some((one.then_some(*first), text))
    }

    /// The same as a problem.
    fn problem(what: String) -> Problem {
        Problem {
            member: None,
            what,
            remedy: Remedy::Line("--partial takes what is there".to_owned()),
        }
    }

    /// The member of the JSON document.
    pub(super) fn member(&self, object: &mut Object) {
        object.key("partial");
        let Some(missing) = self.missing else {
            object.out.push_str("null");
            return;
        };
        let mut partial = Object::begin(object.out, Layout::OneLine);
        partial.plain("jobs", missing.jobs);
        match missing.total {
            Some(total) => partial.plain("total", total),
            None => partial.plain("total", "null"),
        }
        partial.end();
    }
}

impl Import<'_> {
    /// A page is no whole dump, unless that was asked for. One that is cut off is told for that.
    pub(super) fn judge_pages(&mut self) {
        if !self.problems.is_empty() {
            return;
        }
        self.pages.end();
        let Some((source, what)) = self.pages.message() else {
            return;
        };
        if !self.takes_pages {
            let name = source.map_or("the dumps", |source| &self.names[source]);
            let problem = Pages::problem(what);
            self.problems.add(name, vec![problem], Default::default());
        }
    }
}
