//! The search for a text within others, in any case: a text holds a needle if it does so with both in lower case. Few texts
//! need be converted for that: where ASCII letters decide, bytes are searched with only those in lower case.

use std::cell::RefCell;
use std::sync::LazyLock;

use memchr::memchr2;
use memchr::memmem::{self, Finder};

/// A text to be searched for.
#[derive(Clone, Debug)]
pub struct Needle {
    /// The text in lower case.
    folded: String,
    /// The finder of its longest part whose characters have no other spelling, but for capitals of ASCII letters.
    part: Finder<'static>,
    /// Whether the part is the whole text.
    is_whole: bool,
    has_ascii_letters: bool,
    /// The offset of the part's rarest byte.
    rarest: usize,
    has_sigma: bool,
    /// The finders of other characters whose lower case is one of its ASCII letters.
    aliases: Vec<Finder<'static>>,
}

/// The Kelvin sign, whose lower case is `k`.
const KELVIN: char = '\u{212a}';

/// The capital whose lower case is two characters, `i` and a dot above it; no other has more than one.
const DOTTED_I: char = '\u{130}';

const DOT_ABOVE: char = '\u{307}';

/// Letters of English prose and the space, the most frequent first.
const FREQUENT: &[u8] = b" etaoinsrhldcumfpgwybvkxjqz";

/// Occurrences of the rarest byte that are looked at before a text is converted.
const FEW: usize = 8;

/// Bytes of a text that are converted at once, so that they lie in the processor's nearest cache.
const WINDOW: usize = 8 << 10;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Needle {
    pub fn new(text: &str) -> Needle {
        let folded = text.to_lowercase();
        let is_whole = folded.chars().all(|c| c.is_ascii() || is_alone(c));
        let part = if is_whole {
            folded.as_str()
        } else {
            let parts = folded.split(|c| !is_alone(c));
            parts.max_by_key(|part| part.len()).unwrap_or_default()
        };
        let aliases = [
            (KELVIN, folded.contains('k')),
            (DOTTED_I, folded.contains('i')),
        ];
        let finder = |bytes: &[u8]| Finder::new(bytes).into_owned();
        Needle {
            part: finder(part.as_bytes()),
            is_whole,
            rarest: rarest(part.as_bytes()),
            has_ascii_letters: part.contains(|c: char| c.is_ascii_lowercase()),
            has_sigma: folded.contains(['σ', 'ς']),
            aliases: aliases
                .iter()
                .filter(|(_, counts)| *counts)
                .map(|(alias, _)| finder(alias.to_string().as_bytes()))
                .collect(),
            folded,
        }
    }

    /// The text in lower case.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// Whether a text holds the needle; bytes that are no UTF-8 are read as U+FFFD.
    pub fn is_in(&self, text: &[u8]) -> bool {
        let has_part = if self.has_ascii_letters {
            self.has_part_in_small(text)
        } else {
            self.part.find(text).is_some()
        };
        if self.is_whole {
            has_part || self.may_be_aliased(text) && self.is_in_folded(text)
        } else {
            has_part && !text.is_ascii() && self.is_in_folded(text)
        }
    }

    fn has_part_in_small(&self, text: &[u8]) -> bool {
        let part = self.part.needle();
        let byte = part[self.rarest];
        let mut behind = 0;
        for _ in 0..FEW {
            match memchr2(byte, byte.to_ascii_uppercase(), &text[behind..]) {
                None => return false,
                Some(further) => behind += further + 1,
            }
            let start = behind.checked_sub(self.rarest + 1);
            let found = start.and_then(|start| text.get(start..start + part.len()));
            if found.is_some_and(|found| found.eq_ignore_ascii_case(part)) {
                return true;
            }
        }
        self.has_part_in_windows(&text[behind.saturating_sub(self.rarest)..])
    }

    fn has_part_in_windows(&self, text: &[u8]) -> bool {
        let overlap = self.part.needle().len() - 1;
        SCRATCH.with_borrow_mut(|small| {
            let mut from = 0;
            loop {
                let to = text.len().min(from + WINDOW + overlap);
                small.clear();
                small.extend_from_slice(&text[from..to]);
                small.make_ascii_lowercase();
                if self.part.find(small).is_some() {
                    return true;
                }
                if to == text.len() {
                    return false;
                }
                from += WINDOW;
            }
        })
    }

    fn may_be_aliased(&self, text: &[u8]) -> bool {
        let mut aliases = self.aliases.iter();
        aliases.any(|alias| alias.find(text).is_some())
    }

    fn is_in_folded(&self, text: &[u8]) -> bool {
        let text = String::from_utf8_lossy(text);
        // The lower case of a sigma depends on the characters around it.
        if self.has_sigma && text.contains('Σ') {
            return text.to_lowercase().contains(&self.folded);
        }
        SCRATCH.with_borrow_mut(|folded| {
            folded.clear();
            fold(&text, folded);
            memmem::find(folded, self.folded.as_bytes()).is_some()
        })
    }
}

impl PartialEq for Needle {
    fn eq(&self, other: &Needle) -> bool {
        self.folded == other.folded
    }
}

/// The offset of the byte that is likely to be the rarest in a text. Bytes beyond ASCII are the frequent ones of their script.
fn rarest(part: &[u8]) -> usize {
    let rarity = |byte: &u8| match FREQUENT.iter().position(|frequent| frequent == byte) {
        Some(rank) => rank,
        None if byte.is_ascii() => FREQUENT.len() / 2,
        None => 0,
    };
    let offsets = 0..part.len();
    offsets
        .max_by_key(|at| rarity(&part[*at]))
        .unwrap_or_default()
}

/// Whether a character is the lower case of itself alone, and of its capital if it is ASCII, and not the reading of broken UTF-8.
fn is_alone(c: char) -> bool {
    match c {
        'k' | 'i' | DOT_ABOVE | char::REPLACEMENT_CHARACTER => false,
        c if c.is_ascii() => true,
        c => c.to_uppercase().eq([c]),
    }
}

/// The lower case of the characters below U+0800, such as Greek and Cyrillic; NUL where that is more than one character.
static SMALL: LazyLock<Vec<char>> = LazyLock::new(|| {
    let small = |number| {
        let c = char::from_u32(number).unwrap_or_default();
        let mut small = c.to_lowercase();
        small.next().filter(|_| small.len() == 0).unwrap_or('\0')
    };
    (0..0x800).map(small).collect()
});

/// Appends the text in lower case, each character for itself.
fn fold(text: &str, folded: &mut Vec<u8>) {
    let small: &[char] = &SMALL;
    let mut push = |c: char| folded.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    for c in text.chars() {
        match (c, small.get(c as usize)) {
            (_, Some(small)) if *small != '\0' => push(*small),
            // The scripts of East Asia have no case.
            ('\u{2e80}'..='\u{a63f}' | '\u{ac00}'..='\u{d7ff}', _) => push(c),
            _ => c.to_lowercase().for_each(&mut push),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// The definition, with which `Needle::is_in` must agree.
    fn slowly(text: &[u8], needle: &str) -> bool {
        let text = String::from_utf8_lossy(text);
        text.to_lowercase().contains(&needle.to_lowercase())
    }

    #[test]
    fn of_all_characters_those_become_others_that_are_known_to() {
        for c in '\0'..=char::MAX {
            let small: Vec<char> = c.to_lowercase().collect();
            assert_eq!(small.len(), if c == DOTTED_I { 2 } else { 1 }, "{c:?}");
            for s in &small {
                assert!(s.to_lowercase().eq([*s]), "{c:?} becomes no small one");
                let is_ascii_pair = c.is_ascii() && s.is_ascii() && !matches!(s, 'k' | 'i');
                assert!(
                    *s == c || is_ascii_pair || !is_alone(*s),
                    "{c:?} becomes {s:?}"
                );
                let is_alias = matches!((c, *s), (KELVIN, 'k') | (DOTTED_I, 'i' | DOT_ABOVE));
                assert!(
                    c.is_ascii() || !s.is_ascii() || is_alias,
                    "{c:?} becomes {s:?}"
                );
            }
            let mut folded = Vec::new();
            fold(c.encode_utf8(&mut [0; 4]), &mut folded);
            let expected: String = small.iter().collect();
            assert_eq!(folded, expected.as_bytes(), "{c:?}");
        }
    }

    #[test]
    fn each_way_finds_what_is_there_and_nothing_else() {
        for (text, needle, is_there) in [
            ("The Keeper", "keeper", true),
            ("The Keeper", "KEEPER", true),
            ("The Keeper", "keepers", false),
            ("", "", true),
            ("300 \u{212a}", "300 k", true),
            ("\u{130}stanbul", "i", true),
            ("\u{130}stanbul", "i\u{307}stan", true),
            ("\u{130}stanbul", "\u{307}", true),
            ("\u{130}stanbul", "istan", false),
            ("ΟΔΟΣ ΜΟΥ", "οδος", true),
            ("ΟΔΟΣ ΜΟΥ", "οδοσ", false),
            ("ΟΔΟΣ", "δ", true),
            ("Straſſe", "strasse", false),
            ("MÜNCHEN, 海", "münchen, 海", true),
            ("海 und Meer", "海 UND", true),
            ("海 und Meer", "湖", false),
            ("ПРИВЕТ", "привет", true),
        ] {
            assert_eq!(slowly(text.as_bytes(), needle), is_there, "{text} {needle}");
            let found = Needle::new(needle).is_in(text.as_bytes());
            assert_eq!(found, is_there, "{text} {needle}");
        }
    }

    #[test]
    fn no_seam_between_windows_hides_a_match() {
        let needle = Needle::new("NEEDLE");
        for before in WINDOW - 10..WINDOW + 10 {
            let mut text = vec![b'n'; before];
            text.extend_from_slice(b"Needle");
            assert!(needle.is_in(&text), "{before}");
            text.extend(vec![b'e'; 3 * WINDOW]);
            assert!(needle.is_in(&text), "{before}");
            text[before] = b'x';
            assert!(!needle.is_in(&text), "{before}");
        }
    }

    #[test]
    fn a_match_is_found_behind_others_of_its_rarest_byte() {
        let needle = Needle::new("tazen");
        for others in 0..3 * FEW {
            for between in ["z", "azen", "taze", "Z "] {
                let mut text = between.repeat(others);
                assert!(!needle.is_in(text.as_bytes()), "{text}");
                text.push_str("tAZen");
                assert!(needle.is_in(text.as_bytes()), "{text}");
            }
        }
    }

    fn piece() -> impl Strategy<Value = Vec<u8>> {
        let text = select(
            &[
                "a",
                "A",
                "b",
                "k",
                "K",
                "\u{212a}",
                "i",
                "I",
                "\u{130}",
                "\u{307}",
                "ı",
                "s",
                "S",
                "ſ",
                "ß",
                "ẞ",
                "σ",
                "ς",
                "Σ",
                "é",
                "É",
                "e\u{301}",
                "å",
                "\u{212b}",
                "ω",
                "\u{2126}",
                "ǆ",
                "ǅ",
                "Ǆ",
                "海",
                "д",
                "Д",
                "ა",
                "Ა",
                "ꭰ",
                "Ꭰ",
                " ",
                "'",
                "\u{345}",
                "😀",
                "\u{10400}",
                "\u{10428}",
                "\u{fffd}",
                "\0",
            ][..],
        );
        let broken: [&[u8]; 6] = [b"\xff", b"\xc4", b"\xe2\x84", b"\xaa", b"\xb0", b"\xef\xbf"];
        let broken = select(broken.to_vec());
        prop_oneof![
            12 => text.prop_map(|text| text.as_bytes().to_vec()),
            1 => broken.prop_map(<[u8]>::to_vec),
        ]
    }

    fn text(most: usize) -> impl Strategy<Value = Vec<u8>> {
        proptest::collection::vec(piece(), 0..most).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn it_is_found_where_the_slow_way_finds_it(text in text(12), needle in text(4)) {
            let needle = String::from_utf8_lossy(&needle);
            let found = Needle::new(&needle).is_in(&text);
            prop_assert_eq!(found, slowly(&text, &needle));
        }

        #[test]
        fn few_letters_in_many_orders_are_found(text in "[abAzZ]{0,80}", needle in "[abzZ]{1,6}") {
            let found = Needle::new(&needle).is_in(text.as_bytes());
            prop_assert_eq!(found, slowly(text.as_bytes(), &needle));
        }

        #[test]
        fn a_piece_of_the_text_is_found(text in text(8), cut in 0_usize..8, case in 0..3) {
            let text = String::from_utf8_lossy(&text);
            let piece: String = text.chars().skip(cut).take(3).collect();
            let needle = match case {
                0 => piece,
                1 => piece.to_lowercase(),
                _ => piece.to_uppercase(),
            };
            let found = Needle::new(&needle).is_in(text.as_bytes());
            prop_assert_eq!(found, slowly(text.as_bytes(), &needle));
        }

        #[test]
        fn in_lower_case_it_is_the_same_needle(needle in text(5)) {
            let needle = Needle::new(&String::from_utf8_lossy(&needle));
            let again = Needle::new(needle.folded());
            prop_assert_eq!(again.folded(), needle.folded());
        }
    }
}
