//! The profile files.

use super::super::{Limits, ProfileError, RowName};
use super::*;

const LIKVARDIG: &str = include_str!("../../../profiles/likvardig-1.toml");

fn changed(from: &str, to: &str) -> String {
    assert!(LIKVARDIG.contains(from), "{from}");
    let error = Profile::parse(&LIKVARDIG.replacen(from, to, 1)).expect_err(to);
    error.to_string()
}

#[test]
fn the_shipped_profiles_are_named_like_their_files() {
    assert_eq!(likvardig().to_string(), "likvardig-1");
    assert_eq!(Profile::test_small().unwrap().to_string(), "test-small-1");
}

#[test]
fn a_profile_knows_the_text_it_was_read_from() {
    let text = LIKVARDIG.replacen("clear_s = 30", "clear_s = 31", 1);
    let (shipped, changed) = (likvardig(), Profile::parse(&text).unwrap());
    assert_eq!(shipped.id(), changed.id());
    assert_eq!(shipped.digest(), crate::sha256::Sha256::of(&[LIKVARDIG.as_bytes()]));
    assert_ne!(shipped.digest(), changed.digest());
}

#[test]
fn the_small_profile_relaxes_what_it_names_and_nothing_else() {
    let (full, small) = (likvardig(), Profile::test_small().unwrap());
    let mut differs: Vec<String> = Vec::new();
    if small.alert.clear_s != full.alert.clear_s {
        differs.push("alert.clear_s".to_owned());
    }
    let rows = RowName::ALL
        .into_iter()
        .filter(|row| small.limits(*row) != full.limits(*row));
    differs.extend(rows.map(|row| format!("row.{row}")));
    assert_eq!(small.relaxes, differs);
    assert_eq!(
        super::super::AlertTimes {
            clear_s: full.alert.clear_s,
            ..small.alert
        },
        full.alert
    );
}

#[test]
fn limits_are_as_the_council_decided() {
    let picture = Limits {
        amber: Some(5.0),
        red: 20.0,
        window_s: Some(10),
    };
    assert_eq!(likvardig().limits(RowName::PictureFrozen), Some(&picture));
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    assert_eq!(
        changed("clear_s", "claer_s"),
        "the threshold profile has no key `alert.claer_s`; did you mean `alert.clear_s`?"
    );
    assert_eq!(
        changed("[row.sound_loss]", "[row.sound_los]"),
        "the threshold profile has no key `row.sound_los`; did you mean `row.sound_loss`?"
    );
    assert!(changed("version = 1", "versoin = 1").contains("`versoin`; did you mean `version`?"));
}

#[test]
fn a_missing_row_is_refused_by_name() {
    let error = changed("[row.delay]\namber = 250\nred = 400\nwindow_s = 10", "");
    assert!(error.contains("lacks `row.delay`"), "{error}");
    let error = changed("red = 400\nwindow_s = 10", "red = 400");
    assert!(error.contains("lacks `row.delay.window_s`"), "{error}");
}

#[test]
fn values_out_of_range_are_refused_with_the_range() {
    for (from, to, says) in [
        (
            "clear_s = 30",
            "clear_s = 0",
            "`alert.clear_s` of the threshold profile must be 1 to 600 seconds",
        ),
        (
            "amber = 250",
            "amber = 500",
            "`row.delay.amber` of the threshold profile must be a limit that is reached before red",
        ),
        ("amber = 8", "amber = 4", "`row.frame_rate.amber`"),
        (
            "red = 20\n",
            "red = 120\n",
            "`row.picture_frozen.red` of the threshold profile must be more than 0 and at most 100 percent",
        ),
        (
            "red = 400\nwindow_s = 10",
            "red = 400\nwindow_s = 61",
            "`row.delay.window_s` of the threshold profile must be 2 to 60 seconds",
        ),
        ("red = 15", "red = nan", "`row.telemetry_missing.red`"),
        (
            "red = 15",
            "red = 15\nwindow_s = 10",
            "`row.telemetry_missing.window_s` of the threshold profile must be left out",
        ),
        (
            "name = \"likvardig\"",
            "name = \"Lik värdig\"",
            "`name` of the threshold profile must be small letters",
        ),
        (
            "version = 1",
            "version = 0",
            "`version` of the threshold profile must be 1 or more",
        ),
        ("relaxes = []", "relaxes = [\"row.colour\"]", "`relaxes`"),
    ] {
        let error = changed(from, to);
        assert!(error.contains(says), "{to}: {error}");
    }
}

#[test]
fn what_is_not_toml_is_refused_with_the_place() {
    let error = Profile::parse("name = ").expect_err("no value");
    assert!(
        matches!(error, ProfileError::Toml(_)) && error.to_string().contains("line 1"),
        "{error}"
    );
}
