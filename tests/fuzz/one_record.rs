//! One bad record costs one record: whatever happens to one, the others come out, each with its key and its store.
//!
//! A reader that passes over what is no JSON can only go by the lines. So this holds where the file stands on lines:
//! each line a record (JSON Lines), or each record, or each of its members, on lines of its own within an object keyed by
//! UUID, an array or an API page. It does not hold, by the nature of it, for a file that is one long line, for keys
//! that are no UUIDs, or where the records begin with members of names that nobody knows. Nor need it where the first
//! record is hit, since nothing has told by then how the records stand.

use jobctl::legacy::Store;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::cases;
use crate::damage::{Damage, damage};
use crate::dump::{Dump, Plan, Shape, dump_of, plan, write};
use crate::json::{Node, SPACED, Style, pretty, quoted};
use crate::reading::{Seen, read};
use crate::records::{Record, plain_record, usual_record};
use crate::whole::expected;

const SHAPES: [Shape; 4] = [Shape::Keyed, Shape::Array, Shape::Page, Shape::Lines];

/// A dump on lines, and one of its records but the first.
fn on_lines(record: BoxedStrategy<Record>) -> impl Strategy<Value = (Dump, usize)> {
    let dump = dump_of(plan(&SHAPES, pretty()), record, 2..6);
    (dump, any::<Index>()).prop_map(|(dump, which)| {
        let which = 1 + which.index(dump.placed.len() - 1);
        (dump, which)
    })
}

/// What a disk, a transfer or a slip of the hand does to a text.
fn small_damage() -> impl Strategy<Value = Damage> {
    damage().prop_filter("it is large", |damage| match damage {
        Damage::Insert(_, piece) => piece.len() == 1,
        Damage::Copy(..) | Damage::Swap(..) => false,
        _ => true,
    })
}

/// The other records that are not found when one is damaged so, and the input.
fn lost(dump: &Dump, which: usize, damage: impl Fn(&mut Vec<u8>)) -> (Vec<u8>, Vec<Seen>) {
    let mut input = dump.text.clone().into_bytes();
    damage(&mut input);
    let start = dump.placed[which].at.start;
    let found = read(&input);
    let is_found = |other: &Seen| {
        let mut other = other.clone();
        let Seen::Record { place, .. } = &mut other else {
            return false;
        };
        if place.position > start {
            place.position = place.position + input.len() - dump.text.len();
        }
        // Lines may have come in or gone; `reading` checks the numbers.
        found.iter().any(|seen| {
            other.set_line(seen.place().line);
            *seen == other
        })
    };
    let mut others = expected(dump);
    others.remove(which);
    others.retain(|other| !is_found(other));
    (input, others)
}

/// A bracket that closes too much can close the page as well, when it stands where that would be closed.
fn closes(dump: &Dump, input: &[u8]) -> bool {
    let count = |text: &[u8]| text.iter().filter(|b| matches!(b, b'}' | b']')).count();
    dump.plan.shape == Shape::Page && count(input) > count(dump.text.as_bytes())
}

proptest! {
    #![proptest_config(cases(768))]

    #[test]
    fn a_small_damage_costs_one_record((dump, which) in on_lines(plain_record()), damage in small_damage()) {
        let at = dump.placed[which].at.clone();
        let (input, lost) = lost(&dump, which, |input| damage.apply(input, at.start + 1..at.end));
        prop_assert!(
            lost.is_empty() || closes(&dump, &input),
            "{lost:?}\nare lost by {damage:?} to record {which} of\n{}",
            input.escape_ascii()
        );
    }
}

/// A small record that has everything: names, texts, numbers, an object, a list of objects.
fn small(n: usize) -> Record {
    let plain = |name: &str, text: &str| (quoted(name), Node::Plain(text.to_owned()));
    let shots =
        [plain("status", "\"a\""), plain("n", "1")].map(|member| Node::Object(vec![member]));
    Record {
        id: format!("{n:08x}-22da-4152-8b4d-b5aa923cea37"),
        store: Store::ApiServer,
        node: Node::Object(vec![
            plain("job_id", &n.to_string()),
            plain("type", "\"b\""),
            (
                quoted("request"),
                Node::Object(vec![plain("idea", "\"c\"")]),
            ),
            (quoted("shots"), Node::Array(shots.to_vec())),
        ]),
        has_id: true,
    }
}

/// Each byte of a record but its brace: lost, another one, one more in front of it, and the rest cut off from there.
#[test]
fn every_small_damage_costs_one_record() {
    let lines = |end, indent| Style {
        lines: Some((end, indent)),
        ..SPACED
    };
    let bytes = b"{}[]\",:\\\nx";
    for (shape, style) in SHAPES
        .into_iter()
        .flat_map(|shape| [lines("\n", "  "), lines("\r\n", "\t")].map(|style| (shape, style)))
    {
        for record_on_a_line in [false, true] {
            let plan = Plan {
                shape,
                style,
                record_on_a_line,
                order_of_stores: 0,
                byte_order_mark: false,
                blank_lines: record_on_a_line,
                line_at_end: true,
            };
            let dump = write(plan, (0..3).map(small).collect());
            let end = dump.placed[1].at.end;
            for at in dump.placed[1].at.start + 1..end {
                let check = |what: &str, damage: &dyn Fn(&mut Vec<u8>)| {
                    let (input, lost) = lost(&dump, 1, damage);
                    assert!(
                        lost.is_empty(),
                        "{lost:?}\nare lost: {what} at {at}\n{}",
                        String::from_utf8_lossy(&input)
                    );
                };
                check("gone", &|input| drop(input.drain(at..at + 1)));
                check("cut off", &|input| drop(input.drain(at..end)));
                for byte in bytes {
                    let what = byte.escape_ascii();
                    check(&format!("{what} instead"), &|input| input[at] = *byte);
                    check(&format!("{what} more"), &|input| input.insert(at, *byte));
                }
            }
        }
    }
}

/// Texts full of brackets and quotes, damaged by whole pieces of other records: that is made so as to deceive, and
/// still hardly ever does.
#[test]
fn a_large_damage_hardly_ever_costs_more() {
    let mut runner = TestRunner::new(cases(768));
    let strategy = (on_lines(usual_record()), damage());
    let (count, mut records, mut all) = (runner.config().cases, 0, 0);
    for _ in 0..count {
        let ((dump, which), damage) = strategy.new_tree(&mut runner).unwrap().current();
        let at = dump.placed[which].at.clone();
        let damage = |input: &mut Vec<u8>| damage.apply(input, at.start + 1..at.end);
        records += lost(&dump, which, damage).1.len();
        all += dump.placed.len() - 1;
    }
    assert!(records * 100 <= all, "{records} of {all} records are lost");
}
