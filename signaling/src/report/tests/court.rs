//! What courts have annulled decisions for, from the measurement to the report: the chair is told, the gavel waits, and the
//! report says what was so.

use super::super::{Account, Language, Source, Times};
use super::stories::FLAWLESS;
use crate::equal_terms::tests::{Council, cut, picture_of, received_by, received_of, report_of, verdict};
use crate::equal_terms::{Direction, PictureMeasured, Second, Transition, Verdict};
use crate::journal::Stored;
use crate::meeting::measured::recorded_with;
use crate::meeting::stories::deciding::{confirm, gavel};
use crate::meeting::stories::{CHAIR, CHAMBER, FIRST_VICE, MEMBER_5, MEMBER_6, SECRETARY, Told, note_in_chamber};
use crate::meeting::{Command, Despite, Event, ItemId, Measured, ParticipantId};
use crate::protocol::{CameraState, Refusal};
use crate::report::page::{Page, render};
use crate::sha256::Sha256;
use std::collections::BTreeMap;

/// Longer than the profile lets anything of this stand unnoticed.
const NOTICED_WITHIN_SECONDS: u32 = 15;

/// A meeting whose devices are measured and judged once a second, and its journal.
struct Sitting {
    council: Council,
    told: Told,
    journal: Vec<Stored>,
    last: Option<Verdict>,
}

impl Sitting {
    /// Open and well; these sit in the chamber, the others are elsewhere.
    fn with_in_chamber(seated: &[ParticipantId]) -> Self {
        let told = Told::open();
        let mut council = Council::with_speaker(9);
        (council.chamber, council.at_ms) = (Some(CHAMBER), told.now_ms());
        let mut sitting = Self {
            council,
            journal: Vec::new(),
            last: None,
            told,
        };
        sitting.keep(sitting.told.events.clone());
        for who in seated {
            let left = sitting.told.is_cut_off(*who);
            sitting.keep(left);
            sitting.does(SECRETARY, &note_in_chamber(*who));
        }
        sitting.pass(20, |_| ());
        sitting
    }

    fn keep(&mut self, events: Vec<Event>) {
        for event in events {
            let seq = self.journal.len() as u64 + 1;
            self.journal.push(Stored {
                seq,
                at_ms: self.told.now_ms(),
                hash: Sha256::of(&[&seq.to_be_bytes()]),
                event,
            });
        }
    }

    /// Lets so many seconds pass, each with the fault.
    fn pass(&mut self, seconds: u32, fault: impl Fn(&mut Second)) {
        for _ in 0..seconds {
            self.told.later(1000);
            let mut second = self.council.well();
            let meeting = &self.told.meeting;
            second.present.retain(|one| meeting.is_measured(one.participant));
            second.floor = meeting.shown().or(second.floor);
            fault(&mut second);
            let judged = verdict(&mut self.council.judge, second);
            for observation in judged.transitions.iter().flat_map(Transition::observations) {
                let events = self.told.notices(observation);
                self.keep(events);
            }
            self.last = Some(judged);
        }
    }

    /// As the conference does: with what is measured.
    #[track_caller]
    fn does(&mut self, actor: ParticipantId, command: &Command) {
        let events = self.told.asks(actor, command);
        let events = events.unwrap_or_else(|why| panic!("{actor}: {command:?}: {why:?}"));
        let measured = Measured::of(self.council.judge.profile(), self.last.as_ref(), None);
        let events = self.told.record(recorded_with(events, measured));
        self.keep(events);
    }

    /// Item 1 as far as the gavel.
    fn comes_to_the_gavel(&mut self) {
        self.does(CHAIR, &Command::BeginItem { item: ItemId(1) });
        self.does(CHAIR, &Command::CloseDeliberation {});
        self.does(CHAIR, &confirm());
        let question = "Bifall?".to_owned();
        self.does(CHAIR, &Command::PutQuestion { question });
        self.does(CHAIR, &Command::PauseForVote {});
    }

    /// The fault goes on until the chair is told of it.
    #[track_caller]
    fn is_told_to_the_chair(&mut self, expected: (ParticipantId, Direction), fault: impl Fn(&mut Second)) {
        assert_eq!(self.told.meeting.breaches(), []);
        for _ in 0..NOTICED_WITHIN_SECONDS {
            self.pass(1, &fault);
            let breaches = self.told.meeting.breaches();
            if !breaches.is_empty() {
                let found: Vec<_> = breaches.iter().map(|one| (one.about, one.direction)).collect();
                assert_eq!(found, [(Some(expected.0), expected.1)]);
                assert_eq!(self.told.shown(CHAIR).len(), 1);
                return;
            }
        }
        panic!("the chair was never told");
    }

    /// The gavel waits; the chair lets it fall for a reason, and the decision says what was found, in Swedish and in English.
    #[track_caller]
    fn gavel_waits_and_falls_despite(&mut self, found: [&str; 2]) {
        assert_eq!(self.told.asks(CHAIR, &gavel(None)), Err(Refusal::EqualTermsBroken));
        self.does(CHAIR, &gavel(Some(Despite::ConfirmedByMember)));
        let reports = self.reports();
        let [sv, en] = reports.each_ref().map(|report| card(report));
        assert!(!sv.contains("Inga uppmätta brister") && !en.contains("No measured breaches"));
        says(
            sv,
            &[
                "Larm som stod vid klubbslaget:",
                found[0],
                "Skäl: ledamoten har bekräftat",
            ],
        );
        says(en, &["Alarms that stood when the gavel fell:", found[1], "Reason: "]);
    }

    fn reports(&self) -> [String; 2] {
        let (source, _) = Source::of_events(self.journal.clone(), false);
        let account = Account::of(&source);
        [Language::Sv, Language::En].map(|language| {
            render(&Page {
                account: &account,
                recording: None,
                names: &BTreeMap::new(),
                language,
                secret: false,
                times: Times::swedish(),
            })
        })
    }
}

/// What stands of the decision, the only one: the first section after the facts.
fn card(report: &str) -> &str {
    let (card, _) = report.split_once("</section>").expect("a section");
    card
}

#[track_caller]
fn says(report: &str, sentences: &[&str]) {
    for sentence in sentences {
        assert!(report.contains(sentence), "nowhere: {sentence}\n{report}");
    }
}

#[test]
fn those_elsewhere_lose_their_overview_of_the_chamber() {
    let mut sitting = Sitting::with_in_chamber(&[FIRST_VICE, MEMBER_6]);
    sitting.comes_to_the_gavel();
    let dark = |second: &mut Second| received_of(second, CHAMBER).for_each(|received| received.black = true);
    sitting.is_told_to_the_chair((CHAMBER, Direction::Seen), dark);
    sitting.gavel_waits_and_falls_despite([
        "Deltagare 9 syntes inte: bilden var svart eller täckt",
        "Participant 9 was not seen: the picture was black or covered",
    ]);
}

#[test]
fn the_line_to_the_chamber_is_cut() {
    let mut sitting = Sitting::with_in_chamber(&[FIRST_VICE, MEMBER_6]);
    sitting.comes_to_the_gavel();
    let since_ms = sitting.told.now_ms();
    sitting.is_told_to_the_chair((CHAMBER, Direction::Link), |second| cut(second, CHAMBER, since_ms));
    sitting.gavel_waits_and_falls_despite([
        "Deltagare 9 hade tappat förbindelsen: inget svar på 5 s",
        "Participant 9 had lost the connection: no answer for 5 s",
    ]);
}

#[test]
fn a_members_picture_stops_while_the_meeting_goes_on() {
    let mut sitting = Sitting::with_in_chamber(&[]);
    sitting.comes_to_the_gavel();
    let since_ms = sitting.told.now_ms();
    let stopped = |second: &mut Second| {
        *picture_of(second, MEMBER_5) = PictureMeasured {
            frames: 0,
            since_last_frame_ms: u32::try_from(second.at_ms - since_ms).unwrap(),
            area: None,
        };
        received_of(second, MEMBER_5).for_each(|received| (received.frames, received.frozen_ms) = (0, 1000));
    };
    sitting.is_told_to_the_chair((MEMBER_5, Direction::Seen), stopped);
    sitting.pass(600, stopped);
    sitting.gavel_waits_and_falls_despite([
        "Deltagare 5 syntes inte: bilden stod still",
        "Participant 5 was not seen: the picture stood still",
    ]);
}

#[test]
fn a_member_takes_part_with_the_camera_off() {
    let mut sitting = Sitting::with_in_chamber(&[]);
    sitting.comes_to_the_gavel();
    let off = |second: &mut Second| report_of(second, MEMBER_5).camera = CameraState::Off;
    sitting.is_told_to_the_chair((MEMBER_5, Direction::Seen), off);
    sitting.gavel_waits_and_falls_despite([
        "Deltagare 5 syntes inte: kameran var av",
        "Participant 5 was not seen: the camera was off",
    ]);
}

#[test]
fn who_answers_the_roll_call_is_not_shown_to_another_member() {
    let mut sitting = Sitting::with_in_chamber(&[]);
    sitting.comes_to_the_gavel();
    sitting.does(SECRETARY, &Command::BeginRollCall {});
    sitting.does(SECRETARY, &Command::Call { participant: MEMBER_5 });
    let unseen = |second: &mut Second| {
        received_by(second, MEMBER_6)
            .filter(|received| received.sender == MEMBER_5)
            .for_each(|received| (received.frames, received.area) = (0, 0));
    };
    sitting.is_told_to_the_chair((MEMBER_6, Direction::Sees), unseen);
    let [sees, hears, heard] = [true; 3];
    sitting.does(MEMBER_5, &Command::AnswerRollCall { sees, hears, heard });
    sitting.does(SECRETARY, &Command::EndRollCall {});
    sitting.gavel_waits_and_falls_despite([
        "Deltagare 6 såg inte de andra: bilden stod still",
        "Participant 6 did not see the others: the picture stood still",
    ]);
    let [sv, en] = sitting.reports();
    says(&sv, &["larm: hördes eller syntes inte hos 1 av de andra"]);
    says(&en, &["alarm: not heard or not seen by 1 of the others"]);
}

#[test]
fn once_the_picture_is_back_the_gavel_falls_and_the_report_still_tells_of_the_alarm() {
    let mut sitting = Sitting::with_in_chamber(&[]);
    sitting.comes_to_the_gavel();
    let off = |second: &mut Second| report_of(second, MEMBER_5).camera = CameraState::Off;
    sitting.is_told_to_the_chair((MEMBER_5, Direction::Seen), off);
    sitting.pass(30, |_| ());
    sitting.does(CHAIR, &gavel(None));
    let reports = sitting.reports();
    assert!(reports[0].contains("Deltagare 5 syntes inte: kameran var av") && card(&reports[0]).contains(FLAWLESS));
    assert!(reports[1].contains("Participant 5 was not seen: the camera had been off"));
}

#[test]
fn of_a_healthy_hour_with_members_in_the_chamber_the_report_says_what_was_measured_and_no_more() {
    let mut sitting = Sitting::with_in_chamber(&[FIRST_VICE, MEMBER_6]);
    sitting.pass(3600, |_| ());
    sitting.comes_to_the_gavel();
    sitting.does(CHAIR, &gavel(None));
    let [sv, en] = sitting.reports();
    says(&sv, &["Inga larm."]);
    says(card(&sv), &[FLAWLESS]);
    says(&en, &["No alarms."]);
    says(card(&en), &["No measured breaches between connected devices"]);
}
