//! The shape of an error message: what it says without the numbers, ids and paths of the one job, so that the same
//! failure of many jobs is one line. It reads as a message still: `Timed out after <n> s waiting for shot <n>`.

/// The longest part of a message that is read, and the longest shape, in bytes.
const MOST_READ: usize = 2048;
const LONGEST: usize = 300;

/// The longest text in quotes, in bytes.
const LONGEST_QUOTE: usize = 400;

/// Endings by which a word without a slash is known as a file.
const FILE_ENDINGS: [&str; 22] = [
    "png", "jpg", "jpeg", "gif", "webp", "mp4", "mov", "webm", "mkv", "mp3", "wav", "json",
    "jsonl", "txt", "log", "py", "srt", "ass", "csv", "db", "pt", "yaml",
];

/// Characters after which a path, a quoted text or a sign may begin.
const OPENING: &str = "([{=:,;<>|\"'`“‘";

/// The message folded: `<n>` for a number, `<id>` for a UUID or another id, `<time>`, `<path>`, and `<text>` for prose
/// in quotes. Of a URL the host stays. Blanks and line breaks are one space.
pub fn fold(message: &str) -> String {
    let whole = head(message, MOST_READ);
    let mut shape = String::new();
    fold_into(&mut shape, whole.trim());
    if shape.len() > LONGEST || whole.len() < message.len() {
        shape.truncate(head(&shape, LONGEST).len());
        shape.push('…');
    }
    shape
}

/// The beginning of a text: whole characters, at most this number of bytes.
pub(super) fn head(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev();
    let end = end.into_iter().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

fn fold_into(shape: &mut String, text: &str) {
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if shape.len() > LONGEST {
            return;
        }
        let rest = &text[at..];
        let before = text[..at].chars().next_back();
        let length = match c {
            c if c.is_whitespace() => blank(shape, rest),
            c if c.is_ascii_alphanumeric() => word(shape, rest, before),
            _ => quote(shape, rest, before)
                .or_else(|| path(shape, rest, before))
                .or_else(|| signed(shape, rest, before))
                .unwrap_or_else(|| {
                    shape.push(c);
                    c.len_utf8()
                }),
        };
        at += length;
    }
}

fn is_opening(before: Option<char>) -> bool {
    before.is_none_or(|c| c.is_whitespace() || !c.is_ascii() || OPENING.contains(c))
}

fn blank(shape: &mut String, rest: &str) -> usize {
    shape.push(' ');
    rest.len() - rest.trim_start().len()
}

/// Folds what begins with a letter or a digit. This and its like give the number of bytes that they took.
fn word(shape: &mut String, rest: &str, before: Option<char>) -> usize {
    let inside = before.is_some_and(|c| c.is_ascii_alphanumeric());
    if !inside {
        let whole = time(shape, rest)
            .or_else(|| url(shape, rest))
            .or_else(|| uuid(shape, rest))
            .or_else(|| path(shape, rest, before));
        if let Some(length) = whole {
            return length;
        }
    }
    let length = span(rest, |c| c.is_ascii_alphanumeric());
    let letters = &rest[..length];
    if is_id(letters) {
        shape.push_str("<id>");
        return length;
    }
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        return number(shape, rest);
    }
    // Up to a digit in it: `shot3` is `shot<n>`.
    let letters = span(rest, |c| c.is_ascii_alphabetic());
    shape.push_str(&rest[..letters]);
    letters
}

/// The bytes of the beginning that consists of these characters.
fn span(text: &str, is: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is(c)).unwrap_or(text.len())
}

/// `0x…`, eight and more hexadecimal digits, or sixteen and more letters and digits, mixed.
fn is_id(word: &str) -> bool {
    let has_digit = word.contains(|c: char| c.is_ascii_digit());
    let has_letter = word.contains(|c: char| c.is_ascii_alphabetic());
    let is_hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
    let address = word
        .strip_prefix("0x")
        .is_some_and(|digits| !digits.is_empty() && is_hex(digits));
    address || (has_digit && has_letter && ((word.len() >= 8 && is_hex(word)) || word.len() >= 16))
}

/// Digits with points and commas between them.
fn number(shape: &mut String, rest: &str) -> usize {
    shape.push_str("<n>");
    let mut length = span(rest, |c| c.is_ascii_digit());
    while let [b'.' | b',', digit, ..] = &rest.as_bytes()[length..]
        && digit.is_ascii_digit()
    {
        length += 1 + span(&rest[length + 1..], |c| c.is_ascii_digit());
    }
    length
}

/// A number with its sign.
fn signed(shape: &mut String, rest: &str, before: Option<char>) -> Option<usize> {
    let digits = rest.strip_prefix(['-', '+'])?;
    let is_sign = is_opening(before) && digits.starts_with(|c: char| c.is_ascii_digit());
    is_sign.then(|| 1 + number(shape, digits))
}

/// `2026-01-15`, and what follows of a time of day and an offset.
fn time(shape: &mut String, rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let is_like = |text: &[u8], pattern: &[u8]| {
        text.len() >= pattern.len()
            && pattern.iter().zip(text).all(|(wanted, byte)| match wanted {
                b'0' => byte.is_ascii_digit(),
                b'T' => matches!(byte, b'T' | b't' | b' '),
                wanted => wanted == byte,
            })
    };
    if !is_like(bytes, b"0000-00-00") {
        return None;
    }
    shape.push_str("<time>");
    Some(if !is_like(&bytes[10..], b"T00:00") {
        10
    } else {
        11 + span(&rest[11..], |c| c.is_ascii_digit() || ":.,+-Zz".contains(c))
    })
}

fn uuid(shape: &mut String, rest: &str) -> Option<usize> {
    const LENGTH: usize = 36;
    let is_id = rest.is_char_boundary(LENGTH)
        && rest.len() >= LENGTH
        && rest[..LENGTH].char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
        && !rest[LENGTH..].starts_with(|c: char| c.is_ascii_alphanumeric());
    is_id.then(|| {
        shape.push_str("<id>");
        LENGTH
    })
}

/// The scheme and the host stay: another host is another failure.
fn url(shape: &mut String, rest: &str) -> Option<usize> {
    let scheme = span(rest, |c| c.is_ascii_alphabetic() || "+.-".contains(c));
    let host = rest[scheme..].strip_prefix("://")?;
    let ends = |c: char| c.is_whitespace() || "\"'`<>()[]{}|,;".contains(c);
    let length = span(host, |c| !ends(c));
    let name = span(host, |c| !ends(c) && !"/?#".contains(c));
    shape.push_str(&rest[..scheme]);
    shape.push_str("://");
    fold_digits(shape, &host[..name]);
    let behind = host[name..length].trim_end_matches(['.', ':', '!']);
    if behind.len() > 1 {
        shape.push_str("/<path>");
    } else {
        shape.push_str(behind);
    }
    Some(scheme + 3 + name + behind.len())
}

fn fold_digits(shape: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        shape.push_str(&rest[..at]);
        let length = number(shape, &rest[at..]);
        rest = &rest[at + length..];
    }
    shape.push_str(rest);
}

fn path(shape: &mut String, rest: &str, before: Option<char>) -> Option<usize> {
    if !is_opening(before) || !rest.starts_with(|c: char| c.is_ascii()) {
        return None;
    }
    let bytes = rest.as_bytes();
    let drive = match bytes {
        [letter, b':', b'\\', ..] if letter.is_ascii_alphabetic() => 2,
        _ => 0,
    };
    let belongs = |c: char| c.is_alphanumeric() || "/\\._-~+@%#=".contains(c);
    let run = &rest[drive..drive + span(&rest[drive..], belongs)];
    let run = run.trim_end_matches(['.', '-', '=']);
    // Text that follows an ending without a blank, as in Chinese, is no part of it.
    let ending = run.rfind('.').map_or(run.len(), |dot| dot + 1);
    let run = &run[..ending + span(&run[ending..], |c| c.is_ascii())];
    let is = drive > 0 || is_path(run);
    is.then(|| {
        shape.push_str("<path>");
        drive + run.len()
    })
}

fn is_path(run: &str) -> bool {
    let has_name = run.contains(|c: char| c.is_alphabetic());
    let rooted = ["/", "./", "../", "~/"]
        .iter()
        .any(|start| run.starts_with(start));
    let slashes = run.matches('/').count();
    let last = run.rsplit('/').next().unwrap_or(run);
    let ending = last.rsplit_once('.').filter(|(name, _)| !name.is_empty());
    let has_ending = ending.is_some_and(|(_, ending)| match slashes {
        0 => FILE_ENDINGS.contains(&ending.to_ascii_lowercase().as_str()),
        _ => (1..=5).contains(&ending.len()) && ending.contains(|c: char| c.is_ascii_alphabetic()),
    });
    has_name && (rooted || slashes >= 2 || has_ending)
}

/// A text in quotes: prose is `<text>`; a single word, such as a name in code, says what failed and is folded as any other.
fn quote(shape: &mut String, rest: &str, before: Option<char>) -> Option<usize> {
    let open = rest.chars().next()?;
    let close = match open {
        '"' | '\'' | '`' => open,
        '“' => '”',
        '‘' => '’',
        '«' => '»',
        '「' => '」',
        _ => return None,
    };
    let inner = &rest[open.len_utf8()..];
    let length = inner
        .find(close)
        .filter(|length| (1..=LONGEST_QUOTE).contains(length))?;
    let behind = inner[length + close.len_utf8()..].chars().next();
    let closes = behind.is_none_or(|c| !c.is_ascii_alphanumeric());
    if !is_opening(before) || !closes {
        return None;
    }
    let inner = &inner[..length];
    shape.push(open);
    if inner.contains(|c: char| c.is_whitespace() || !c.is_ascii())
        && path(&mut String::new(), inner, None) != Some(length)
    {
        shape.push_str("<text>")
    } else {
        fold_into(shape, inner)
    }
    shape.push(close);
    Some(open.len_utf8() + length + close.len_utf8())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LONGEST, fold};

    #[test]
    fn numbers_ids_times_paths_and_prose_are_folded() {
        for (message, shape) in [
            (
                "Video API returned 429: rate limit exceeded, retry after 60 s",
                "Video API returned <n>: rate limit exceeded, retry after <n> s",
            ),
            (
                "Timed out after 600.5 s waiting for shot3",
                "Timed out after <n> s waiting for shot<n>",
            ),
            (
                "Tried to allocate 2.50 GiB, -5 left, 1,024,000 used",
                "Tried to allocate <n> GiB, <n> left, <n> used",
            ),
            (
                "job b2222222-2222-4222-8222-222222222222 is gone",
                "job <id> is gone",
            ),
            ("job_B2222222-2222-4222-8222-222222222222.", "job_<id>."),
            (
                "at 0x7f3a, trace 4bf92f3577b34da6, req_8fK2aQ91xLpT03Zz",
                "at <id>, trace <id>, req_<id>",
            ),
            (
                "deadbeef and feedbacks are words",
                "deadbeef and feedbacks are words",
            ),
            ("at 2026-01-15T12:00:00.123456Z", "at <time>"),
            (
                "on 2026-01-15, or 2026-01-15 12:00:00",
                "on <time>, or <time>",
            ),
            ("cannot open /srv/video/a b", "cannot open <path> b"),
            (
                "File \"/app/main.py\", line 12, in run",
                "File \"<path>\", line <n>, in run",
            ),
            (
                "./.working_dir/a1/shots/3/frame.png: not found",
                "<path>: not found",
            ),
            (
                "shots/3.png or final_video.mp4 and/or C:\\tmp\\x.mp4",
                "<path> or <path> and/or <path>",
            ),
            (
                "GET https://api.example.org/v1/jobs/17?x=1 failed",
                "GET https://api.example.org/<path> failed",
            ),
            ("http://10.0.0.5:8080/ is down", "http://<n>:<n>/ is down"),
            (
                "no scene called \"The Keeper's Lamp\"",
                "no scene called \"<text>\"",
            ),
            ("KeyError: 'style'", "KeyError: 'style'"),
            ("can't open the model's file", "can't open the model's file"),
            ("failed:\n\tInvalid   data\r\n", "failed: Invalid data"),
            ("图像生成失败:第3张", "图像生成失败:第<n>张"),
            ("文件/tmp/海/a.png不存在", "文件<path>不存在"),
            ("progress 3/12 is 25%", "progress <n>/<n> is <n>%"),
            ("", ""),
        ] {
            assert_eq!(fold(message), shape, "{message}");
        }
    }

    #[test]
    fn a_long_message_is_cut() {
        let shape = fold(&"海 ".repeat(100_000));
        assert!(
            shape.len() <= LONGEST + 5 && shape.ends_with('…'),
            "{shape}"
        );
        assert_eq!(fold(&"x".repeat(200)), "x".repeat(200));
    }

    proptest! {
        #[test]
        fn no_digit_is_left_and_nothing_breaks(message in ".{0,200}") {
            let shape = fold(&message);
            prop_assert!(!shape.contains(|c: char| c.is_ascii_digit()), "{}", shape);
            prop_assert!(shape.len() <= LONGEST + 5);
        }

        #[test]
        fn what_looks_like_a_message_is_folded_whole(
            message in "([a-f0-9]{1,9}|[-/.:'\" ]|https://|C:\\\\|0x|\u{6d77}|\u{201c}|\u{201d}|2026-01-15){0,40}",
        ) {
            prop_assert!(!fold(&message).contains(|c: char| c.is_ascii_digit()));
        }

        #[test]
        fn another_number_has_the_same_shape(a in 0..1_000_000_u32, b in 0..1_000_000_u32) {
            let message = |number| format!("shot {number} of scene_{number}: gave up after {number}s (code={number})");
            prop_assert_eq!(fold(&message(a)), fold(&message(b)));
        }
    }
}
