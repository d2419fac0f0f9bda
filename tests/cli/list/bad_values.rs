//! Values that are refused.

use super::{bad, four, list};

#[test]
fn a_bare_number_is_an_error_that_names_the_units() {
    for flag in ["--since", "--until", "--older-than", "--stuck"] {
        let output = bad([flag, "7"], &[flag, "7"]);
        for unit in ["ms", "s", "m", "h", "d", "w"] {
            assert!(
                output
                    .stderr
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|word| word == unit),
                "{unit}: {output}"
            );
        }
    }
}

#[test]
fn an_unknown_unit_is_an_error() {
    bad("--older-than 1y", &["--older-than", "1y"]);
}

#[test]
fn an_age_longer_than_time_is_no_panic() {
    for age in [
        "99999999999999999999d",
        "9223372036854775807w",
        "300000000w",
        "999999999999h",
    ] {
        for flag in ["--older-than", "--since", "--stuck"] {
            let output = list(&four(), [flag, age]);
            assert!([0, 2].contains(&output.status), "{output}");
        }
    }
}

#[test]
fn a_day_that_is_not_in_the_calendar_is_an_error() {
    bad("--since 2026-02-30", &["--since", "2026-02-30"]);
}

#[test]
fn a_time_that_is_none_is_an_error() {
    bad("--until 'next tuesday'", &["--until", "next tuesday"]);
}

#[test]
fn an_unknown_status_is_refused_with_its_nearest_match() {
    bad(
        "--status canceled",
        &["--status", "canceled", "hint: ", "cancelled"],
    );
}

#[test]
fn an_unknown_status_in_a_list_is_refused_too() {
    bad("--status failed,compleated", &["compleated", "completed"]);
}

#[test]
fn an_unknown_mode_is_refused() {
    bad("--mode ideas", &["--mode", "ideas", "idea"]);
}
