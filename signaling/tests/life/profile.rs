//! The threshold profile is changed while meetings go on.

use crate::house::House;
use crate::stage::CHAIR;
use lika::equal_terms::Profile;
use lika::meeting::MeetingId;
use lika::samples::{Line, Lines, directory_of};

/// The versions of the profiles that a meeting was judged by, in order.
fn judged_by(house: &House, meeting: u64) -> Vec<u32> {
    let mut lines = Lines::open(&directory_of(&house.data_dir(), MeetingId(meeting))).unwrap();
    let lines = std::iter::from_fn(|| lines.next_line().unwrap());
    let version = |line| match line {
        Line::Begun(begun) => Some(Profile::parse(&begun.profile).unwrap().version),
        _ => None,
    };
    lines.filter_map(|(line, _)| version(line)).collect()
}

#[tokio::test]
async fn new_meetings_are_judged_by_the_new_profile_and_one_under_way_by_its_own() {
    let own = Profile::likvardig().unwrap().text().to_owned();
    let mut house = House::built_with(2, |_| {});
    let file = house.directory.path().join("profile.toml");
    std::fs::write(&file, &own).unwrap();
    house.config.quality.profile = file.to_str().unwrap().into();
    house.write_config();
    let mut server = house.start();
    let pages = house.in_session(&server, 0).await;

    let second = own.replacen("version = 1", "version = 2", 1);
    std::fs::write(&file, &second).unwrap();
    server.signal("HUP");
    server.logged("new meetings are judged by the new threshold profile");
    // Loaded long ago, and nobody has come yet.
    let cookie = house.sign_in(&server, 1, CHAIR).await;
    let chair = house.page(&server, &cookie).await;

    std::fs::write(
        &file,
        second.replacen("version = 2", "version = 3", 1) + "unknown = 1\n",
    )
    .unwrap();
    server.signal("HUP");
    let refused = server.logged("the old profile stays in use");
    assert!(
        refused.contains("quality.profile") && refused.contains("unknown"),
        "{refused}"
    );
    drop((pages, chair));
    assert!(server.stop().success());
    assert_eq!(judged_by(&house, 1), [1]);
    assert_eq!(judged_by(&house, 2), [1, 2]);
}
