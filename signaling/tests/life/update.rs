//! An update: the server stops, another starts on the same data, and the meeting goes on.

use crate::house::House;
use crate::stage::{MEMBER, next};
use lika::journal::verify_file;
use lika::meeting::{Attendance, Command as Ask, Phase};
use rusqlite::Connection;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Instant;

#[tokio::test]
async fn a_meeting_goes_on_with_the_next_program() {
    let house = House::built();
    let server = house.start();
    let [mut chair, mut member, other] = house.in_session(&server, 0).await;
    member.command(Ask::RequestFloor {}).await.unwrap();
    chair.command(Ask::GiveFloor { participant: MEMBER }).await.unwrap();

    let stopped = Instant::now();
    assert!(server.stop().success());
    while next(&mut member.socket).await.is_some() {}
    let down = stopped.elapsed();
    let server = house.start();
    let up = stopped.elapsed();
    let mut back = Vec::new();
    for page in [&chair, &member, &other] {
        back.push(house.page(&server, &page.cookie).await);
    }
    // Told and not judged: it is the machine's, not the program's.
    eprintln!(
        "stopped after {down:?}, serving after {up:?}, everybody back after {:?}",
        stopped.elapsed()
    );
    let chair = &mut back[0];
    assert_eq!(chair.meeting.phase, Phase::Open);
    chair
        .until(|page| page.is(MEMBER, Attendance::Inside) && page.meeting.floor == Some(MEMBER))
        .await;
    chair.command(Ask::EndFloor {}).await.unwrap();
    assert!(server.stop().success());
    verify_file(&house.journal()).unwrap();
}

/// The first formats of journal and identities, without rows.
const OLD_JOURNAL: &str = "
    CREATE TABLE meeting (id INTEGER PRIMARY KEY AUTOINCREMENT, events INTEGER NOT NULL, head BLOB NOT NULL) STRICT;
    CREATE TABLE event (meeting INTEGER NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL, prev BLOB NOT NULL,
        hash BLOB NOT NULL, body TEXT NOT NULL, PRIMARY KEY (meeting, seq)) STRICT;
    PRAGMA application_id = 0x4C494B41;
    PRAGMA user_version = 1;";
const OLD_IDENTITIES: &str = "
    CREATE TABLE invitation (digest BLOB PRIMARY KEY, meeting INTEGER NOT NULL, participant INTEGER NOT NULL,
        expires_ms INTEGER NOT NULL, uses_left INTEGER NOT NULL, revoked INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
    CREATE TABLE session (digest BLOB PRIMARY KEY, meeting INTEGER NOT NULL, participant INTEGER NOT NULL,
        assurance INTEGER NOT NULL, began_ms INTEGER NOT NULL, seen_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE bearer (digest BLOB PRIMARY KEY, meeting INTEGER NOT NULL, participant INTEGER,
        expires_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    PRAGMA user_version = 1;";

#[test]
fn databases_of_an_older_program_are_kept_as_they_were_beside_the_new_ones() {
    let house = House::empty(|_| {});
    let data = house.data_dir();
    std::fs::create_dir(&data).unwrap();
    for (file, format) in [("journal.sqlite", OLD_JOURNAL), ("identity.sqlite", OLD_IDENTITIES)] {
        Connection::open(data.join(file))
            .unwrap()
            .execute_batch(format)
            .unwrap();
    }
    assert!(house.start().stop().success());
    let version = |file: &str| {
        let db = Connection::open(data.join(file)).unwrap();
        db.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))
            .unwrap()
    };
    for (file, copy) in [
        ("journal.sqlite", "journal.format-1.sqlite"),
        ("identity.sqlite", "identity.layout-1.sqlite"),
    ] {
        assert!(version(file) > 1, "{file}");
        assert_eq!(version(copy), 1, "{copy}");
        assert_eq!(data.join(copy).metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn what_is_erased_is_erased_from_the_copies_too() {
    let house = House::built();
    let copy = house.data_dir().join("people.layout-1.sqlite");
    std::fs::copy(house.data_dir().join("people.sqlite"), &copy).unwrap();
    let told = house.says(&["privacy", "erase", "--meeting", "1", "--participant", "3"]);
    assert!(told.contains("from before the update are gone too: 1."), "{told}");
    assert!(!copy.exists());
}
