//! Rows that wait until the widths of their columns are known. All cells of a block of rows stand in one text, and none has memory
//! of its own.

use crate::job::Status;
use crate::text::visible::width;

/// The blanks between two columns.
pub(super) const GAP: usize = 2;

/// The most bytes of text that are kept for the next block.
const KEPT: usize = 1 << 20;

/// A blank for each column of a wide terminal.
const BLANKS: &str = match std::str::from_utf8(&[b' '; 128]) {
    Ok(blanks) => blanks,
    Err(_) => "",
};

#[derive(Clone, Copy)]
struct CellSpan {
    /// The end of its text, which begins where that of the cell before ends.
    end: usize,
    /// The columns of a terminal that it takes.
    width: usize,
}

/// Rows of the same columns.
#[derive(Default)]
pub(super) struct Rows {
    /// The text of all cells, row by row.
    pub(super) text: String,
    cells: Vec<CellSpan>,
    /// The status of the job of each row, which has a colour.
    states: Vec<Option<Status>>,
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.states.len()
    }

    /// Ends the cell whose text has been appended.
    pub(super) fn end_cell(&mut self) {
        let begin = self.cells.last().map_or(0, |cell| cell.end);
        self.cells.push(CellSpan {
            end: self.text.len(),
            width: width(&self.text[begin..]),
        });
    }

    pub(super) fn end_row(&mut self, status: Option<Status>) {
        self.states.push(status);
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.text.shrink_to(KEPT);
        self.cells.clear();
        self.states.clear();
    }

    /// The width of the widest cell of each column.
    pub(super) fn widest(&self, columns: usize) -> Vec<usize> {
        let mut widest = vec![0; columns];
        for row in self.cells.chunks(columns.max(1)) {
            for (widest, cell) in widest.iter_mut().zip(row) {
                *widest = cell.width.max(*widest);
            }
        }
        widest
    }

    /// Each row: its cells, of which a column has one each, with their widths, and the status.
    pub(super) fn each(
        &self,
        columns: usize,
        mut row: impl FnMut(&mut dyn Iterator<Item = (&str, usize)>, Option<Status>),
    ) {
        let mut begin = 0;
        let mut cells = self.cells.iter();
        for status in &self.states {
            let mut texts = cells.by_ref().take(columns).map(|cell| {
                let text = &self.text[begin..cell.end];
                begin = cell.end;
                (text, cell.width)
            });
            row(&mut texts, *status);
            texts.for_each(drop);
        }
    }
}

/// The place of a cell in its line.
pub(super) struct Place {
    /// The columns of a terminal that there are for it.
    pub(super) space: usize,
    pub(super) is_right: bool,
    pub(super) is_last: bool,
    /// What is written before it and behind it, for its colour.
    pub(super) style: Option<(&'static str, &'static str)>,
}

/// Appends a cell at its place. Blanks behind it belong to it.
pub(super) fn push_cell(out: &mut String, text: &str, width: usize, place: &Place) {
    let (before, behind) = place.style.unwrap_or_default();
    // Blanks at the end of a line would go again.
    let is_open = place.is_last && !place.is_right && place.style.is_none();
    let rest = if is_open {
        0
    } else {
        place.space.saturating_sub(width)
    };
    let gap = if place.is_last { 0 } else { GAP };
    let (left, right) = if place.is_right {
        (rest, gap)
    } else {
        (0, rest + gap)
    };
    out.push_str(before);
    push_blanks(out, left);
    out.push_str(text);
    push_blanks(out, right);
    out.push_str(behind);
}

fn push_blanks(out: &mut String, mut count: usize) {
    while count > 0 {
        let some = count.min(BLANKS.len());
        out.push_str(&BLANKS[..some]);
        count -= some;
    }
}

/// Ends the line that began there: blanks at its end are of no use.
pub(super) fn end_line(out: &mut String, begin: usize) {
    let length = out[begin..].trim_end().len();
    out.truncate(begin + length);
    out.push('\n');
}
