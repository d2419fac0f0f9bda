//! Statistics as a record that every format can print.

use super::{View, data, page, prometheus};
use crate::render::record::{Cells, Record};
use crate::render::table::{JobTable, TableOptions};
use crate::text::json::Layout;

pub(crate) struct StatisticsRecord<'a> {
    pub view: &'a View<'a>,
    pub options: &'a TableOptions<'a>,
}

impl Record for StatisticsRecord<'_> {
    fn object(&self, out: &mut String, layout: Layout) {
        data::object(out, self.view, layout);
    }

    fn cells(&self, cells: &mut dyn Cells) {
        let groups = self.view.statistics.groups.as_ref();
        for group in groups.map_or(&[][..], |(_, groups)| groups) {
            data::cells(cells, group);
        }
    }

    fn show(&self, out: &mut String, _: Option<&mut JobTable>) {
        for line in page::lines(self.view, self.options) {
            out.push_str(&line);
            out.push('\n');
        }
    }

    fn metrics(&self) -> String {
        prometheus::text(self.view)
    }
}
