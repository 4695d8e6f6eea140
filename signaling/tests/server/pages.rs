//! Pages at the conference's own door, without sockets: one that does not keep up, one that stays away, and a bug.

use lika::clock::Clock;
use lika::conference::{
    ConnectionId, Farewell, Hall, Hello, Input, Mailbox, Outbox, Receiving, Relay, Stores, outbox, relay_events,
};
use lika::convene::Notice;
use lika::data::Data;
use lika::equal_terms::Profile;
use lika::keeper::Keeper;
use lika::meeting::{Attendance, MeetingId, ParticipantId};
use lika::metrics::Metrics;
use lika::protocol::{Change, ClientMessage, ServerMessage};
use lika::samples::Recorder;
use lika::turn::TurnServers;
use lika_auth::{Identity, IdentityStore, Invitation, RosterKeys};
use lika_sfu::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::timeout;

const CHAIR: ParticipantId = ParticipantId(1);
const MEMBER: ParticipantId = ParticipantId(2);

struct Door {
    hall: Hall,
    sessions: Keeper<IdentityStore>,
    mailbox: Mailbox,
    /// Orders to join make the conference's task fail, as a bug would.
    broken: Arc<AtomicBool>,
    _directory: TempDir,
}

impl Door {
    async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut data = Data::open(directory.path()).unwrap();
        let keys = RosterKeys::open(&directory.path().join("roster.key")).unwrap();
        let roster =
            "title = 'S'\nbody = 'B'\nparticipant = [{ role = 'chair', name = 'O' }, { role = 'member', name = 'L' }]";
        let meeting = Notice::parse(roster)
            .unwrap()
            .convene(&mut data, &keys, 0, 0)
            .unwrap()
            .meeting;
        let sessions = Keeper::start("identities", data.identities).unwrap();
        let stores = Stores {
            journal: Keeper::start("journal", data.journal).unwrap(),
            people: Keeper::start("people", data.people).unwrap(),
            identities: sessions.clone(),
            samples: Recorder::off(),
            for_tests: true,
            metrics: Metrics::new().unwrap(),
        };
        let broken = Arc::new(AtomicBool::new(false));
        let breaks = Arc::clone(&broken);
        let relay = Relay::through(move |command| {
            assert!(
                !(matches!(command, Command::Join { .. }) && breaks.load(Ordering::Relaxed)),
                "a bug, on purpose"
            );
            Ok(())
        });
        let (_, events) = relay_events();
        let hall = Hall::open(
            stores,
            relay,
            events,
            Clock::system(),
            watch::channel(Profile::likvardig().unwrap()).1,
            TurnServers::default(),
        )
        .await;
        let mailbox = hall.find(meeting).await.unwrap();
        Self {
            hall,
            sessions,
            mailbox,
            broken,
            _directory: directory,
        }
    }

    async fn connect(&self, participant: ParticipantId) -> (ConnectionId, Receiving) {
        let (sending, receiving) = outbox();
        let connection = self.hall.next_connection();
        let hello = self.hello(connection, participant, sending).await;
        self.mailbox.send(Input::Connect(hello)).await.unwrap();
        (connection, receiving)
    }

    async fn hello(
        &self,
        connection: ConnectionId,
        ParticipantId(participant): ParticipantId,
        outbox: Outbox,
    ) -> Hello {
        let begin = move |store: &mut IdentityStore| {
            let invitation = Invitation {
                whom: Identity {
                    meeting: 1,
                    participant,
                },
                uses: 1,
                expires_ms: i64::MAX,
            };
            let token = store.invite(&invitation).unwrap();
            store.enter(&token, None, Clock::system().now_ms()).unwrap().1
        };
        Hello {
            connection,
            session: self.sessions.ask(begin).await.unwrap(),
            resume: None,
            take_over: false,
            outbox,
        }
    }
}

async fn next(page: &mut Receiving) -> ServerMessage {
    serde_json::from_str(&page.texts.recv().await.expect("the conference has ended")).unwrap()
}

async fn sees(page: &mut Receiving, who: ParticipantId, where_to: Attendance) {
    let so = |change: &Change| matches!(change, Change::Participant { participant } if participant.id == who && participant.attendance == where_to);
    while !matches!(next(page).await, ServerMessage::Event { change, .. } if so(&change)) {}
}

#[tokio::test(start_paused = true)]
async fn a_page_that_does_not_keep_up_is_cut_off_and_blocks_nobody() {
    let door = Door::open().await;
    let (slow, mut slow_page) = door.connect(MEMBER).await;
    let (chair, mut chair_page) = door.connect(CHAIR).await;
    // Each of these is answered; the slow page reads none of the answers.
    let (_, before) = (next(&mut slow_page).await, next(&mut chair_page).await);
    assert!(matches!(before, ServerMessage::Welcome { .. }));
    for negotiation in 0..2000 {
        let message = ClientMessage::Offer {
            negotiation,
            fresh: false,
            sdp: String::new(),
        };
        door.mailbox
            .send(Input::Message {
                connection: slow,
                message,
            })
            .await
            .unwrap();
    }
    let farewell = timeout(Duration::from_secs(60), slow_page.farewell).await;
    assert_eq!(farewell.expect("it is not cut off"), Ok(Farewell::TooSlow));
    let message = ClientMessage::Offer {
        negotiation: 7,
        fresh: false,
        sdp: String::new(),
    };
    door.mailbox
        .send(Input::Message {
            connection: chair,
            message,
        })
        .await
        .unwrap();
    while !matches!(
        next(&mut chair_page).await,
        ServerMessage::OfferRefused { negotiation: 7, .. }
    ) {}
}

#[tokio::test(start_paused = true)]
async fn a_page_is_waited_for_and_then_gone() {
    let door = Door::open().await;
    let (_, mut chair) = door.connect(CHAIR).await;
    let (member, _page) = door.connect(MEMBER).await;
    sees(&mut chair, MEMBER, Attendance::Lobby).await;
    let lost = tokio::time::Instant::now();
    door.mailbox.send(Input::Gone { connection: member }).await.unwrap();
    sees(&mut chair, MEMBER, Attendance::Away).await;
    let waited = lost.elapsed();
    let grace = lika::conference::RECONNECT_GRACE;
    assert!(
        waited >= grace && waited <= grace + Duration::from_secs(2),
        "{waited:?}"
    );
}

#[tokio::test]
async fn a_bug_in_one_meeting_ends_its_task_alone_and_the_journal_brings_it_back() {
    let door = Door::open().await;
    let (member, mut page) = door.connect(MEMBER).await;
    assert!(matches!(next(&mut page).await, ServerMessage::Welcome { .. }));
    door.broken.store(true, Ordering::Relaxed);
    let message = ClientMessage::Offer {
        negotiation: 1,
        fresh: true,
        sdp: String::new(),
    };
    door.mailbox
        .send(Input::Message {
            connection: member,
            message,
        })
        .await
        .unwrap();
    while page.texts.recv().await.is_some() {}
    assert!(page.farewell.await.is_err(), "the task has failed");

    let anew = door.hall.find(MeetingId(1)).await.unwrap();
    let (sending, mut page) = outbox();
    let connection = door.hall.next_connection();
    let hello = door.hello(connection, MEMBER, sending).await;
    anew.send(Input::Connect(hello)).await.unwrap();
    assert!(matches!(
        next(&mut page).await,
        ServerMessage::Welcome { you: MEMBER, .. }
    ));
}
