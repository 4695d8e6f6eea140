//! The disk is full in the middle of a meeting: a real file system of a few megabytes, in a mount namespace of its own.

use crate::house::{House, Running};
use crate::lacking::not_tested;
use crate::stage::{CHAIR, MEMBER};
use lika::journal::verify_file;
use lika::meeting::{Attendance, Command as Ask};
use lika::protocol::Refusal;
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

/// The server in a mount namespace where its data lie on a small file system. `None`: this machine gives no namespaces.
fn on_a_small_disk(house: &House) -> Option<Running> {
    let allowed = Command::new("unshare")
        .args(["--map-root-user", "--mount", "true"])
        .status();
    if !allowed.is_ok_and(|status| status.success()) {
        not_tested("this machine gives no mount namespaces (unshare --map-root-user --mount)");
        return None;
    }
    let data = house.data_dir();
    let script = "cp -a \"$1\" \"$1.before\" && mount -t tmpfs -o size=4m,mode=700 none \"$1\" && cp -a \"$1.before/.\" \"$1\" && \
                  exec \"$2\" serve --config \"$3\"";
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", script, "sh"]);
    command
        .arg(&data)
        .arg(env!("CARGO_BIN_EXE_lika"))
        .arg(house.config_file());
    Some(Running::serving(&mut command))
}

#[tokio::test]
async fn nothing_is_decided_until_there_is_room_and_nothing_is_lost() {
    let house = House::built();
    let Some(mut server) = on_a_small_disk(&house) else {
        return;
    };
    let process = server.process();
    let seen_from_outside = |path: PathBuf| {
        let inside = path.strip_prefix("/").unwrap();
        PathBuf::from(format!("/proc/{process}/root")).join(inside)
    };
    let ballast = seen_from_outside(house.data_dir().join("ballast"));
    let [mut chair, mut member, _other] = house.in_session(&server, 0).await;
    member.command(Ask::RequestFloor {}).await.unwrap();

    let mut filling = File::create(&ballast).unwrap();
    while filling.write_all(&[0; 4096]).is_ok() {}
    // The journal's log beside it has room for some more events that it has written over before.
    let mut accepted = 0;
    let refused = loop {
        let asked = if accepted % 2 == 0 {
            Ask::WithdrawRequest {}
        } else {
            Ask::RequestFloor {}
        };
        match member.command(asked).await {
            Ok(()) => accepted += 1,
            Err(refused) => break refused,
        }
    };
    assert_eq!(refused, Refusal::JournalUnavailable);
    let asking = accepted % 2 == 0;
    assert_eq!(member.meeting.requests == [MEMBER], asking, "the meeting is as it was");
    assert!(chair.is(MEMBER, Attendance::Inside));
    server.logged("the disk of the data directory is full: make room");
    let chair_refused = chair.command(Ask::Adjourn { reason: "Paus".into() }).await;
    assert_eq!(chair_refused, Err(Refusal::JournalUnavailable));

    drop(filling);
    std::fs::remove_file(&ballast).unwrap();
    chair.command(Ask::Adjourn { reason: "Paus".into() }).await.unwrap();
    chair.command(Ask::Resume {}).await.unwrap();
    let again = if asking {
        Ask::WithdrawRequest {}
    } else {
        Ask::RequestFloor {}
    };
    member.command(again).await.unwrap();
    chair.until(|page| (page.meeting.requests == [MEMBER]) != asking).await;
    assert_eq!(chair.you, CHAIR);

    let journal = house.directory.path().join("journal.sqlite");
    server.signal("TERM");
    // While the process ends its file system is there: its last connection has brought the log into the file.
    let kept = seen_from_outside(house.journal());
    let held = File::open(&kept).unwrap();
    assert!(server.ended().success());
    std::io::copy(&mut { held }, &mut File::create(&journal).unwrap()).unwrap();
    verify_file(&journal).unwrap();
}
