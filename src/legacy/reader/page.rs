//! Pages of a listing, which say how many jobs there are in all, and whether there are more than on the page.

use serde_json::value::RawValue;

use crate::text::json::{self, Members};

/// The names of objects that say so.
const AROUND: [&str; 7] = [
    "pagination",
    "meta",
    "page",
    "paging",
    "page_info",
    "pageInfo",
    "links",
];

/// The facts beside the jobs of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListingPage {
    pub total: Option<u64>,
    pub offset: u64,
    pub has_more: bool,
    /// The number of jobs on the page.
    pub jobs: u64,
}

impl ListingPage {
    /// The facts that a member beside the jobs tells, if any.
    pub(super) fn read(name: &str, value: &RawValue) -> Option<ListingPage> {
        if AROUND.contains(&name) && json::is_object(value) {
            let members = Members::parse_text(value.get()).ok()?;
            let mut page = ListingPage::default();
            for (name, value) in &members.0 {
                page.add(ListingPage::of_member(name, value).unwrap_or_default());
            }
            return page.is_known().then_some(page);
        }
        ListingPage::of_member(name, value)
    }

    fn of_member(name: &str, value: &RawValue) -> Option<ListingPage> {
        let number = || value.get().parse::<u64>().ok();
        let mut page = ListingPage::default();
        match name {
            "total" | "total_count" | "totalCount" => page.total = Some(number()?),
            "offset" => page.offset = number()?,
            "has_more" | "hasMore" | "has_next" | "hasNext" | "hasNextPage" => {
                page.has_more = value.get() == "true";
            }
            "next_cursor" | "nextCursor" | "next" | "next_page_token" | "nextPageToken" => {
                page.has_more = value.get().len() > 2 && value.get().starts_with('"')
            }
            _ => return None,
        }
        Some(page)
    }

    pub(super) fn add(&mut self, other: ListingPage) {
        self.total = self.total.max(other.total);
        self.offset = self.offset.max(other.offset);
        self.has_more |= other.has_more;
    }

    pub(super) fn is_known(&self) -> bool {
        self.total.is_some() || self.has_more || self.offset > 0
    }

    pub(super) fn of(self, jobs: u64) -> ListingPage {
        ListingPage { jobs, ..self }
    }

    fn end(&self) -> u64 {
        self.offset.saturating_add(self.jobs)
    }

    fn says_more(&self) -> bool {
        self.has_more || self.total.is_some_and(|total| total > self.end())
    }
}

/// The jobs that are missing though a page tells of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    pub jobs: u64,
    pub total: Option<u64>,
}

/// The jobs that several pages lack together: each page that says that there are more must go on in another. Pages by cursor
/// all begin at 0; they are whole when the last page is there and they have as many jobs as there are in all.
pub fn missing(pages: &[ListingPage]) -> Option<Missing> {
    let jobs = pages.iter().map(|page| page.jobs).sum();
    let total = pages.iter().filter_map(|page| page.total).max();
    let is_last = |page: &ListingPage| !page.has_more;
    let by_cursor = pages.len() > 1 && pages.iter().all(|page| page.offset == 0);
    if by_cursor && pages.iter().any(is_last) && total.is_some_and(|total| jobs >= total) {
        return None;
    }
    let goes_on = |page: &ListingPage| {
        let next = |other: &ListingPage| {
            other.offset > page.offset
                && other.offset <= page.end()
                && (other.end() > page.end() || is_last(other))
        };
        pages.iter().any(next)
    };
    let is_whole = pages.iter().all(|page| !page.says_more() || goes_on(page));
    (!is_whole).then_some(Missing { jobs, total })
}
