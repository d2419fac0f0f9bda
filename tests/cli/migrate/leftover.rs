//! What stands behind the end of a document: a shorter file was written over a longer one, and its tail is still there.

use serde_json::{Value, json};

use super::{api_server, import, manager};
use crate::support::{A, B, C, D, Sandbox};

/// The shorter document over the longer one.
fn over(short: &str, long: &str) -> String {
    format!("{short}{}", &long[short.len()..])
}

fn keyed(ids: &[&str]) -> Value {
    ids.iter()
        .map(|id| ((*id).to_owned(), api_server(id)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[test]
fn nothing_of_a_tail_is_imported() {
    let array = |ids: &[&str]| json!(ids.iter().map(|id| manager(id)).collect::<Vec<_>>());
    let store = |ids: &[&str]| json!({"jobs": keyed(ids)});
    let page = |ids: &[&str]| json!({"jobs": array(ids)});
    type Form<'a> = &'a dyn Fn(&[&str]) -> Value;
    let forms: [Form; 4] = [&keyed, &array, &store, &page];
    for form in forms {
        let short = format!("{:#}", form(&[A, B]));
        // The tail begins anywhere, and not in the middle of a character.
        for more in 0..60 {
            let text = format!("{:#}", form(&[A, B, C, D]));
            let text = format!("{}{text}", " ".repeat(more));
            if text[short.len()..].trim_start().starts_with(['{', '[']) {
                continue;
            }
            let sandbox = Sandbox::new();
            let run = import(&sandbox, over(&short, &text), "").fails(65);
            let run = run
                .stderr_has("behind the end of the document")
                .stderr_has("(byte ");
            assert_eq!(sandbox.ids(), [A, B], "{run}");
        }
    }
}

#[test]
fn a_tail_of_a_document_on_one_line_is_told_and_not_imported() {
    for more in 0..60 {
        let short = keyed(&[A, B]).to_string();
        let long = format!("{}{}", " ".repeat(more), keyed(&[A, B, C]));
        if long[short.len()..]
            .trim_start()
            .starts_with(['{', '[', ','])
        {
            continue;
        }
        let sandbox = Sandbox::new();
        import(&sandbox, over(&short, &long), "").fails(65);
        assert_eq!(sandbox.ids(), [A, B], "{more}");
    }
}

#[test]
fn blank_space_and_other_documents_may_stand_there() {
    let first = format!("{:#}", keyed(&[A]));
    let second = format!("{:#}", keyed(&[B]));
    for behind in ["", "\n", "\r\n\n  \t\n"] {
        let sandbox = Sandbox::new();
        import(&sandbox, format!("{first}{behind}"), "").ok();
        assert_eq!(sandbox.ids(), [A]);
        let sandbox = Sandbox::new();
        import(&sandbox, format!("{first}{behind}{second}{behind}"), "").ok();
        assert_eq!(sandbox.ids(), [A, B]);
    }
}
