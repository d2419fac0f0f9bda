//! Pages of a listing: one is not the whole, and says so.

use serde_json::{Value, json};

use super::{counts, import, lines, manager, with};
use crate::support::{A, B, C, D, Sandbox};

const IDS: [&str; 4] = [A, B, C, D];

fn page(from: usize, to: usize, more: Value) -> Value {
    let mut page = json!({"jobs": IDS[from..to].iter().map(|id| manager(id)).collect::<Vec<_>>()});
    page["pagination"] = more;
    page
}

fn of(from: usize, to: usize) -> Value {
    page(
        from,
        to,
        json!({"total": 4, "limit": to - from, "offset": from, "has_more": to < 4}),
    )
}

#[test]
fn a_page_is_imported_and_is_no_whole() {
    for document in [
        of(0, 2),
        page(0, 2, json!({"total": 4, "offset": 0})),
        json!({"pagination": of(0, 2)["pagination"], "jobs": of(0, 2)["jobs"]}),
        json!({"has_more": true, "total": 4, "jobs": of(0, 2)["jobs"]}),
        json!({"data": {"jobs": of(0, 2)["jobs"]}, "meta": {"total": 4}}),
        json!({"jobs": {A: manager(A), B: manager(B)}, "total": 4}),
    ] {
        for text in [document.to_string(), format!("{document:#}")] {
            for more in ["", "--dry-run"] {
                let sandbox = Sandbox::report();
                let run = import(&sandbox, &text, more).fails(65);
                let run = run.stderr_has("2 of 4: the page says there are more; export gives all");
                let run = run.stderr_has("--partial");
                assert_eq!(
                    run.json()["partial"],
                    json!({"jobs": 2, "total": 4}),
                    "{run}"
                );
                assert_eq!(counts(&run.json()), [2, 2, 0, 0, 0]);
                assert_eq!(sandbox.count(), if more.is_empty() { 2 } else { 0 });
                let taken = import(&sandbox, &text, (more, "--partial")).ok();
                taken.stderr_has("2 of 4");
            }
        }
    }
    let unknown = json!({"jobs": of(0, 2)["jobs"], "next_cursor": "abc"});
    let run = import(&Sandbox::new(), unknown.to_string(), "").fails(65);
    assert_eq!(run.json()["partial"], json!({"jobs": 2, "total": null}));
}

#[test]
fn the_last_page_and_the_whole_are_whole() {
    for document in [
        of(0, 4),
        of(2, 4),
        page(
            0,
            4,
            json!({"total": 4, "has_more": false, "next_cursor": null}),
        ),
    ] {
        let run = import(&Sandbox::new(), document.to_string(), "").ok();
        assert_eq!(run.json()["partial"], Value::Null);
    }
}

#[test]
fn pages_that_go_on_in_one_another_are_whole_together() {
    let sandbox = Sandbox::new();
    for (name, page) in [
        ("one.json", of(0, 2)),
        ("two.json", of(2, 3)),
        ("three.json", of(3, 4)),
    ] {
        sandbox.write(name, page.to_string());
    }
    let run = sandbox
        .jobctl("migrate one.json three.json")
        .run()
        .fails(65);
    run.stderr_has("the pages say there are more");
    sandbox
        .jobctl("migrate three.json one.json two.json")
        .run()
        .ok();
    sandbox.jobctl("migrate one.json one.json").run().fails(65);
    // The same on lines.
    import(&Sandbox::new(), lines(&[of(0, 2), of(2, 4)]), "").ok();
    import(&Sandbox::new(), lines(&[of(0, 2), of(3, 4)]), "").fails(65);
}

#[test]
fn what_list_printed_says_so_too() {
    let from = Sandbox::report();
    for id in IDS {
        from.job(id, &[]);
    }
    let first = from.jobctl("list -o json --limit 2").run().ok();
    import(&Sandbox::new(), &first.stdout, "")
        .fails(65)
        .stderr_has("2 of 4");
    let cursor = first.json()["pagination"]["next_cursor"]
        .as_str()
        .unwrap()
        .to_owned();
    let second = from
        .jobctl(["list", "-o", "json", "--limit", "2", "--after", &cursor])
        .run()
        .ok();
    let both = format!("{}{}", first.stdout, second.stdout);
    import(&Sandbox::new(), both, "").ok();
}

#[test]
fn a_page_under_atomic_leaves_nothing() {
    let sandbox = Sandbox::report();
    import(&sandbox, of(0, 2).to_string(), "--atomic").fails(65);
    assert_eq!(sandbox.count(), 0);
    import(&sandbox, of(0, 2).to_string(), "--atomic --partial").ok();
    assert_eq!(sandbox.count(), 2);
}

/// Other servers say it in other words.
#[test]
fn a_page_that_says_it_in_other_words_is_one_too() {
    for beside in [
        json!({"hasMore": true}),
        json!({"pageInfo": {"hasNextPage": true, "endCursor": "x"}}),
        json!({"has_next": true}),
        json!({"totalCount": 5}),
        json!({"nextPageToken": "abc"}),
        json!({"links": {"next": "https://x/?page=2"}}),
    ] {
        let page = with(json!({"jobs": [manager(A)]}), beside);
        for page in [page.clone(), json!({"id": 1, "result": page})] {
            let sandbox = Sandbox::report();
            let run = import(&sandbox, page.to_string(), "").fails(65);
            run.stderr_has("the page says there are more");
            assert_eq!(sandbox.ids(), [A], "{page}");
            import(&sandbox, page.to_string(), "--partial").ok();
        }
    }
    for beside in [
        json!({"hasMore": false}),
        json!({"pageInfo": {"hasNextPage": false, "endCursor": "x"}}),
        json!({"totalCount": 1}),
        json!({"nextPageToken": null}),
        json!({"links": {"self": "https://x/", "next": null}}),
    ] {
        let page = with(json!({"jobs": [manager(A)]}), beside);
        let sandbox = Sandbox::report();
        import(&sandbox, page.to_string(), "").ok();
    }
}
