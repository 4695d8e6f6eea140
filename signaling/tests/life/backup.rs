//! A backup beside a running meeting, and an installation that is made of it.

use crate::house::{House, lika, text};
use crate::stage::{CHAIR, MEMBER, Page, http, session_cookie};
use lika::backup::latest_s;
use lika::meeting::{Command as Ask, Phase};
use lika_auth::IdentityStore;
use lika_auth::store::Whose;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Command;
use tokio::time::interval;

/// The member asks for the floor and withdraws it, over and over, until the backup is there.
async fn back_up_while_writing(house: &House, member: &mut Page, to: &Path, more: &[&str]) -> (String, usize) {
    let mut command = Command::from(lika());
    command.args(["backup", "--to", to.to_str().unwrap(), "--config"]);
    let backing_up = command.arg(house.config_file()).args(more).output();
    tokio::pin!(backing_up);
    // As fast as a page may.
    let mut pace = interval(Duration::from_millis(200));
    let mut written = 0;
    loop {
        let writing = async {
            pace.tick().await;
            member.command(Ask::RequestFloor {}).await.unwrap();
            member.command(Ask::WithdrawRequest {}).await.unwrap();
        };
        tokio::select! {
            biased;
            output = &mut backing_up => {
                let output = output.unwrap();
                assert!(output.status.success(), "{}", text(&output.stderr));
                return (text(&output.stdout), written);
            }
            () = writing => written += 2,
        }
    }
}

fn into_a_new_house(archive: &Path) -> (House, Result<String, String>) {
    let house = House::empty(|_| {});
    let output = house.lika(&["restore", archive.to_str().unwrap()]);
    let told = if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    };
    (house, told)
}

#[tokio::test]
async fn a_meeting_goes_on_from_a_backup_made_while_it_was_written_to() {
    let house = House::built();
    let server = house.start();
    let [_chair, mut member, _other] = house.in_session(&server, 0).await;
    let archive = house.directory.path().join("lika.tar.gz");
    house.says(&["token", "create", "--name", "Ärendesystem", "--scope", "meetings:read"]);
    let (told, written) = back_up_while_writing(&house, &mut member, &archive, &["--with-keys"]).await;
    assert!(written > 0, "nothing was written meanwhile");
    assert!(told.contains("Keep the file as a secret"), "{told}");
    assert_eq!(archive.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(
        latest_s(&house.data_dir()).is_some(),
        "whoever watches the server is not told"
    );
    assert!(server.stop().success());

    let (restored, told) = into_a_new_house(&archive);
    let told = told.unwrap();
    assert!(told.contains("Journalen är hel.") || told.contains("whole"), "{told}");
    assert!(told.contains("API token in force: Ärendesystem"), "{told}");
    let key = restored.directory.path().join("public.pem");
    std::fs::write(&key, house.says(&["journal", "public-key"])).unwrap();
    let verified = lika()
        .args(["journal", "verify", "--key"])
        .args([&key, &restored.journal()])
        .output()
        .unwrap();
    assert!(verified.status.success(), "{}", text(&verified.stderr));

    let server = restored.start();
    // Sessions have ended: somebody may have been put out after the backup was made.
    let store = IdentityStore::open(&restored.data_dir().join("identity.sqlite")).unwrap();
    assert_eq!(store.kept(Whose::Meeting(1)).unwrap().sessions, 0);
    drop(store);
    let anew = restored.says(&["meeting", "invite", "1", "1"]);
    let link = anew
        .split_whitespace()
        .find_map(|word| word.split_once("/i/"))
        .unwrap()
        .1;
    let entered = http(&restored.tls)
        .get(server.url(&format!("/i/{link}")))
        .send()
        .await
        .unwrap();
    let mut back = restored.page(&server, &session_cookie(&entered)).await;
    assert_eq!(back.meeting.phase, Phase::Open);
    back.command(Ask::TakeChair {}).await.unwrap_err();
    back.command(Ask::Adjourn {
        reason: "Återställt".into(),
    })
    .await
    .unwrap();
    drop(back);
    assert!(server.stop().success());
    // The samples go on in the same chain.
    let samples = restored.data_dir().join("samples/1");
    let replayed = lika().args(["quality", "replay"]).arg(&samples).output().unwrap();
    assert!(replayed.status.success(), "{}", text(&replayed.stderr));
    assert!(!text(&replayed.stdout).contains("lucka"), "{}", text(&replayed.stdout));
}

#[tokio::test]
async fn without_the_keys_the_server_waits_for_them() {
    let house = House::built();
    let archive = house.directory.path().join("lika.tar.gz");
    let told = house.says(&["backup", "--to", archive.to_str().unwrap()]);
    assert!(told.contains("--with-keys"), "{told}");
    let (restored, told) = into_a_new_house(&archive);
    assert!(told.unwrap().contains("evidence.key"));
    assert!(!restored.data_dir().join("roster.key").exists());
    let refused = restored.refuses(&["serve"]);
    assert!(refused.contains("evidence.key"), "{refused}");
    for key in ["evidence.key", "roster.key"] {
        std::fs::copy(house.data_dir().join(key), restored.data_dir().join(key)).unwrap();
    }
    let restored = House {
        convened: house.convened,
        ..restored
    };
    let server = restored.start();
    restored.sign_in(&server, 0, CHAIR).await;
}

/// A backup and its house.
fn backed_up() -> (House, PathBuf) {
    let house = House::built();
    let archive = house.directory.path().join("lika.tar.gz");
    house.says(&["backup", "--to", archive.to_str().unwrap()]);
    (house, archive)
}

#[test]
fn a_directory_with_something_in_it_is_left_alone_and_no_file_is_overwritten() {
    let (house, archive) = backed_up();
    let told = house.refuses(&["restore", archive.to_str().unwrap()]);
    assert!(told.contains("is not empty") && told.contains("inte tom"), "{told}");
    let told = house.refuses(&["backup", "--to", archive.to_str().unwrap()]);
    assert!(told.contains("is there already"), "{told}");
    // In a directory it is named for the time.
    let into = house.directory.path().join("backups");
    std::fs::create_dir(&into).unwrap();
    house.says(&["backup", "--to", into.to_str().unwrap()]);
    let names: Vec<_> = into
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(
        names.len() == 1 && names[0].to_str().unwrap().starts_with("lika-20"),
        "{names:?}"
    );
    let nothing = House::empty(|_| {});
    let told = nothing.refuses(&["backup", "--to", "/nowhere/lika.tar.gz"]);
    assert!(told.contains("There is no journal"), "{told}");
}

#[test]
fn a_restoration_that_was_killed_is_not_in_the_way_of_the_next() {
    let (_house, archive) = backed_up();
    let house = House::empty(|_| {});
    let left = house.data_dir().join("restoring-left");
    std::fs::create_dir_all(&left).unwrap();
    std::fs::write(left.join("people.sqlite"), "names").unwrap();
    house.says(&["restore", archive.to_str().unwrap()]);
    assert!(!left.exists());
}

#[test]
fn a_damaged_or_foreign_archive_changes_nothing() {
    let (_house, archive) = backed_up();
    let whole = std::fs::read(&archive).unwrap();
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    for (name, bytes) in [
        ("cut", &whole[..whole.len() / 2]),
        ("flipped", &flipped),
        ("other", b"Hej"),
    ] {
        let damaged = archive.with_extension(name);
        std::fs::write(&damaged, bytes).unwrap();
        let (house, told) = into_a_new_house(&damaged);
        let told = told.unwrap_err();
        assert!(told.contains("is no whole backup of lika"), "{name}: {told}");
        let left: Vec<_> = house
            .data_dir()
            .read_dir()
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, ["journal.lock"], "{name}");
        // And the whole one fits afterwards.
        assert!(house.lika(&["restore", archive.to_str().unwrap()]).status.success());
    }
}

#[tokio::test]
async fn a_backup_of_a_meeting_that_nobody_came_to_lets_people_in() {
    let (house, archive) = backed_up();
    let (restored, _) = into_a_new_house(&archive);
    for key in ["evidence.key", "roster.key"] {
        std::fs::copy(house.data_dir().join(key), restored.data_dir().join(key)).unwrap();
    }
    let restored = House {
        convened: house.convened,
        ..restored
    };
    let server = restored.start();
    let cookie = restored.sign_in(&server, 0, MEMBER).await;
    assert_eq!(restored.page(&server, &cookie).await.you, MEMBER);
}
