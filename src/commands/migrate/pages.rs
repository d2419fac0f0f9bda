//! The pages of a listing that were given as dumps: one is not the whole listing, several may be.

use crate::legacy::reader::{ListingPage, Missing, missing};
use crate::legacy::threads::messages::{Problem, Remedy};
use crate::text::json::{Layout, Object};
use crate::text::visible::grouped;

#[derive(Debug, Default)]
pub(super) struct Pages {
    /// The pages of all dumps, each with the index of its dump.
    all: Vec<(usize, ListingPage)>,
    missing: Option<Missing>,
}

impl Pages {
    pub(super) fn add(&mut self, source: usize, pages: Vec<ListingPage>) {
        self.all
            .extend(pages.into_iter().map(|page| (source, page)));
    }

    /// Judges, when all dumps have been read, whether they have all jobs that their pages tell of.
    fn end(&mut self) {
        let pages: Vec<ListingPage> = self.all.iter().map(|(_, page)| page.clone()).collect();
        self.missing = missing(&pages);
    }

    /// The message that there are more, with the dump that says so; of several, none.
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

    /// The fault when all dumps have been read, with the name of the dump or of all: a page is no whole dump.
    pub(super) fn judge<'n>(&mut self, names: &'n [String]) -> Option<(&'n str, Problem)> {
        self.end();
        let (source, what) = self.message()?;
        let name = source.map_or("the dumps", |source| &names[source]);
        Some((name, Pages::problem(what)))
    }

    /// The member of the JSON document.
    pub(super) fn member(&self, object: &mut Object) {
        object.key("partial");
        let Some(missing) = self.missing else {
            object.out.push_str("null");
            return;
        };
        let mut partial = Object::begin(object.out, Layout::OneLine);
        partial.literal("jobs", missing.jobs);
        match missing.total {
            Some(total) => partial.literal("total", total),
            None => partial.literal("total", "null"),
        }
        partial.end();
    }
}
