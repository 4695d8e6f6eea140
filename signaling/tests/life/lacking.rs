//! What a test needs of the machine and does not find.

/// Says that a test tries nothing here, and why. Where everything is to be tried (`make test` sets `LIKA_TEST_EVERYTHING`)
/// that is a failure: a test that is passed over for months is none.
pub(crate) fn not_tested(why: &str) {
    assert!(std::env::var_os("LIKA_TEST_EVERYTHING").is_none(), "{why}");
    eprintln!("not tested: {why}");
}
