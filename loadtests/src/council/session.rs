//! Holding the test's meeting: everybody comes, the chair opens it, the order of business runs, and what the chair's page
//! shows is counted. I/O only: what is pressed is decided in `business`, what it was like in `tally` and `course`.

use super::business::{Business, Done, Press};
use super::course::{Course, ServerSecond};
use super::hall::{Agents, Hall, HallError, Happening};
use super::page::Page;
use super::tally::Tally;
use super::words;
use crate::company::{Order, Setting, Told};
use crate::convene::{BearerToken, ConveneError, Convened, convene, revoke};
use crate::delegate::server::Server;
use crate::language::Language;
use crate::machine::Taken;
use crate::terminal::{Progress, Stop};
use crate::watch::Watch;
use lika::equal_terms::Level;
use lika::meeting::{Attendance, Command, ParticipantId, Phase};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

/// How often it is looked whether something is to be pressed.
const TICK: Duration = Duration::from_millis(200);
/// A meeting in which not everybody is inside by then, since the last came in, does not get going.
const COMES_WITHIN: Duration = Duration::from_secs(60);
/// Nor does one in which it takes longer than this for each, beside. A server lets in one a second
/// (`limits.entries_per_minute = 60`) unless it is set otherwise; half of that is waited for.
const EACH_COMES_WITHIN: Duration = Duration::from_secs(2);
/// After the opening the test counts as soon as all is well, at the latest then.
const STARTS_WITHIN: Duration = Duration::from_secs(30);
/// Whoever is to fare badly does from so long after the beginning on.
const SPOILT_AFTER: Duration = Duration::from_secs(5);
/// How long the chair is given to close the meeting.
const CLOSES_WITHIN: Duration = Duration::from_secs(10);
const WATCH_EVERY: Duration = Duration::from_secs(1);

/// What is to be held.
pub(crate) struct Test<'a> {
    pub(crate) server: &'a Server,
    pub(crate) token: &'a BearerToken,
    pub(crate) watch: &'a Watch,
    pub(crate) agents: Option<&'a Agents>,
    pub(crate) setting: Setting,
    pub(crate) total: Duration,
    /// Whose line becomes bad.
    pub(crate) spoil: Option<usize>,
    pub(crate) language: Language,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(super) tally: Tally,
    pub(super) course: Course,
    pub(super) done: Done,
    /// Who went away without being asked, and why.
    pub(super) gone: BTreeMap<usize, String>,
    /// Machines that went away with their delegates, and why.
    pub(super) machines_lost: BTreeMap<String, String>,
    /// Why the meeting did not get going.
    pub(super) stuck: Option<String>,
    /// Ended by whoever started it.
    pub(crate) interrupted: bool,
    /// How long it was counted.
    pub(super) counted_for: Duration,
    /// Whether the order of business came to its end and the meeting was closed.
    pub(super) closed: bool,
    /// The meeting's number, if it could not be closed and is on the server still.
    pub(super) left_open: Option<u64>,
}

/// Why there was no test at all.
#[derive(Debug, thiserror::Error)]
pub enum HoldError {
    /// No meeting.
    #[error(transparent)]
    Convene(#[from] ConveneError),
    /// No delegates.
    #[error(transparent)]
    Hall(#[from] HallError),
}

/// Holds the meeting.
///
/// # Errors
/// When it cannot be convened or there are no delegates. What goes wrong afterwards is a finding.
pub(crate) async fn hold(test: &Test<'_>, progress: &mut Progress, stop: &mut Stop) -> Result<Held, HoldError> {
    let people = usize::from(test.setting.people);
    progress.step(test.language.of("kallar till sammanträdet", "convening the meeting"));
    // Agents first: a meeting that nobody comes to would stay on the server.
    let hall = tokio::select! {
        hall = Hall::open(&test.setting, test.server, test.agents) => hall?,
        () = stop.told() => {
            let interrupted = true;
            return Ok(Held { interrupted, ..Held::default() });
        }
    };
    // Its end is waited for in any case: nobody could close a meeting whose number did not come.
    let convened = convene(test.server, test.token, people).await?;
    let invited = (1..).zip(&convened.invited);
    let now = Instant::now();
    let mut session = Session {
        test,
        hall,
        numbers: invited.map(|(number, one)| (one.who, number)).collect(),
        convened,
        page: Page::default(),
        held: Held::default(),
        newcomers: 0,
        last_news: now,
        begun: None,
        last_second: now,
        verdict_ms: None,
        refusals: Vec::new(),
        server: watch_server(test.watch.clone()),
    };
    tokio::select! {
        () = session.run(progress) => {}
        () = stop.told() => session.held.interrupted = true,
    }
    session.end_counting();
    session.close().await;
    Ok(session.held)
}

struct Session<'a> {
    test: &'a Test<'a>,
    hall: Hall,
    convened: Convened,
    numbers: BTreeMap<ParticipantId, usize>,
    page: Page,
    held: Held,
    /// Whose sound and picture have come up, at least once.
    newcomers: usize,
    last_news: Instant,
    /// Since when the test counts.
    begun: Option<Instant>,
    /// When this machine's last second ended.
    last_second: Instant,
    /// The newest verdict that was counted, on the server's clock.
    verdict_ms: Option<i64>,
    /// What the chair or a member was refused, not considered yet.
    refusals: Vec<lika::protocol::Refusal>,
    server: watch::Receiver<Option<ServerSecond>>,
}

/// What has been noticed.
enum Noticed {
    /// A second's verdicts came.
    Second,
    /// Something else.
    Something,
    /// All companies have gone.
    Nothing,
}

impl Session<'_> {
    async fn run(&mut self, progress: &mut Progress) {
        if let Err(stuck) = self.gather(progress).await {
            self.held.stuck = Some(stuck);
            return;
        }
        self.settle(Instant::now(), progress).await;
        self.sit(Instant::now(), progress).await;
    }

    /// Everybody comes, is let in, and the chair opens the meeting.
    async fn gather(&mut self, progress: &mut Progress) -> Result<(), String> {
        let people = self.numbers.len();
        for number in 1..=people {
            self.come(number).await;
        }
        self.last_news = Instant::now();
        let each = EACH_COMES_WITHIN.saturating_mul(self.test.setting.people.into());
        let last = self.last_news + COMES_WITHIN + each;
        self.until(last, progress, |now| now.there() == people).await?;
        self.press(1, Command::AdmitAll {}).await;
        self.until(last, progress, |now| now.page.count(Attendance::Inside) == people)
            .await?;
        self.press(1, Command::Open {}).await;
        let open = |now: &Self| now.page.view.as_ref().is_some_and(|view| view.phase == Phase::Open);
        self.until(last, progress, open).await
    }

    /// Somebody comes; whoever has done so already does not again.
    async fn come(&self, number: usize) {
        if let Some(invited) = self.convened.invited.get(number - 1) {
            let invitation = invited.link.clone();
            self.hall.order(Order::Come { number, invitation }).await;
        }
    }

    /// In the meeting or before its door.
    fn there(&self) -> usize {
        self.page.count(Attendance::Lobby) + self.page.count(Attendance::Inside)
    }

    /// The meeting goes on until it is so. Where nobody has come for long, or not all by the last moment, it does not get
    /// going: why, for people.
    async fn until(
        &mut self,
        last: Instant,
        progress: &mut Progress,
        so: impl Fn(&Self) -> bool,
    ) -> Result<(), String> {
        while !so(self) {
            let deadline = last.min(self.last_news + COMES_WITHIN);
            let noticed = tokio::time::timeout_at(deadline.into(), self.notice()).await;
            if !matches!(noticed, Ok(Noticed::Second | Noticed::Something)) {
                return Err(words::not_going(
                    self.test.language,
                    self.there(),
                    self.numbers.len(),
                    &self.held.gone,
                ));
            }
            let inside = (self.there(), self.newcomers);
            progress.step(&words::coming(self.test.language, inside, self.numbers.len()));
        }
        Ok(())
    }

    /// The start-up: until everybody is judged and nobody red, or for so long.
    async fn settle(&mut self, opened: Instant, progress: &mut Progress) {
        progress.step(self.test.language.of(
            "sammanträdet är öppnat; väntar tills alla syns och hörs",
            "the meeting is open; waiting until all are seen and heard",
        ));
        while opened.elapsed() < STARTS_WITHIN {
            let deadline = opened + STARTS_WITHIN;
            match tokio::time::timeout_at(deadline.into(), self.notice()).await {
                Ok(Noticed::Second) if self.is_well() => return,
                Ok(Noticed::Second | Noticed::Something) => {}
                Ok(Noticed::Nothing) | Err(_) => return,
            }
        }
    }

    /// Whether everybody is judged and nobody is red.
    fn is_well(&self) -> bool {
        let Some((_, quality)) = &self.page.quality else {
            return false;
        };
        let well = |level| matches!(level, Level::Green | Level::Amber);
        quality.len() == self.numbers.len()
            && quality
                .iter()
                .flat_map(|one| &one.directions)
                .all(|view| well(view.level))
    }

    /// The order of business, from now on counted.
    async fn sit(&mut self, begun: Instant, progress: &mut Progress) {
        let people: Vec<ParticipantId> = self.in_order();
        let Some(mut business) = Business::new(&people, begun, self.test.total) else {
            return;
        };
        (self.begun, self.last_second) = (Some(begun), begun);
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut spoil = self.test.spoil;
        let last = begun + self.test.total + CLOSES_WITHIN;
        while !business.is_over() && Instant::now() < last {
            let second = tokio::select! {
                noticed = self.notice() => match noticed {
                    Noticed::Second => true,
                    Noticed::Something => false,
                    Noticed::Nothing => break,
                },
                _ = ticks.tick() => false,
            };
            let now = Instant::now();
            if second {
                self.count(now.duration_since(begun), business.away());
                let text = words::under_way(self.test.language, &business.done(), &self.held.tally);
                progress.at(now.duration_since(begun).min(self.test.total), &text);
            }
            if let Some(number) = spoil.take_if(|_| now.duration_since(begun) >= SPOILT_AFTER) {
                self.hall.order(Order::Spoil { number }).await;
            }
            for reason in std::mem::take(&mut self.refusals) {
                business.refused(now, reason);
            }
            for press in business.next(now, &self.page) {
                tracing::info!(?press, "pressed");
                self.do_press(press).await;
            }
            (self.held.done, self.held.closed) = (business.done(), business.is_over());
        }
    }

    /// What nobody heard of until the end is unknown.
    fn end_counting(&mut self) {
        let Some(begun) = self.begun else {
            return;
        };
        self.held.counted_for = begun.elapsed();
        let serving = self.serving();
        for _ in 0..self.held.tally.missed(None, 0, self.held.counted_for) {
            self.held.tally.miss(&serving, None);
        }
    }

    /// The participants, the chair first.
    fn in_order(&self) -> Vec<ParticipantId> {
        let mut people: Vec<(usize, ParticipantId)> =
            self.numbers.iter().map(|(who, number)| (*number, *who)).collect();
        people.sort_unstable();
        people.into_iter().map(|(_, who)| who).collect()
    }

    fn count(&mut self, passed: Duration, away: Option<ParticipantId>) {
        let serving = self.serving();
        let Some((at_ms, quality)) = &self.page.quality else {
            return;
        };
        let tally = &mut self.held.tally;
        for _ in 0..tally.missed(self.verdict_ms.replace(*at_ms), *at_ms, passed) {
            tally.miss(&serving, away);
        }
        tally.count(quality, &serving, away);
        tally.relay_red += u32::from(self.page.relay_is_red());
    }

    /// Those who count, with their numbers.
    fn serving(&self) -> BTreeMap<ParticipantId, usize> {
        let serves = |who: &ParticipantId| self.page.participant(*who).is_some_and(|one| one.serves.is_some());
        let serving = self.numbers.iter().filter(|(who, _)| serves(who));
        serving.map(|(who, number)| (*who, *number)).collect()
    }

    /// Waits for something to happen, and takes it in.
    async fn notice(&mut self) -> Noticed {
        tokio::select! {
            message = self.hall.chair.recv() => match message {
                Some(message) => if self.page.hear(message) { Noticed::Second } else { Noticed::Something },
                None => Noticed::Nothing,
            },
            happening = self.hall.happenings.recv() => match happening {
                Some(happening) => {
                    self.take_in(happening);
                    Noticed::Something
                }
                None => Noticed::Nothing,
            },
        }
    }

    fn take_in(&mut self, happening: Happening) {
        match happening.told {
            Ok(Told::Second(second)) => {
                let (now, course) = (Instant::now(), &mut self.held.course);
                course.take_in(now, happening.company, second, self.begun.is_some());
                // This machine's second stands for all.
                if let Some(begun) = self.begun.filter(|_| happening.company == 0) {
                    let lasted = now.duration_since(std::mem::replace(&mut self.last_second, now));
                    let at_s = now.duration_since(begun).as_secs_f64();
                    course.end_second(now, at_s, lasted.as_secs_f64(), *self.server.borrow());
                }
            }
            Ok(Told::MediaUp { .. }) => {
                self.newcomers += 1;
                self.last_news = Instant::now();
            }
            Ok(Told::Waits {
                number,
                reason,
                for_turn,
            }) => {
                tracing::info!(number, reason, for_turn, "waits");
                // A server that lets in only so many a minute is waited for; one that is away is not.
                if for_turn {
                    self.last_news = Instant::now();
                }
            }
            Ok(Told::MediaDown { number, reason }) => tracing::info!(number, reason, "the media broke"),
            Ok(Told::Refused { number, reason }) => {
                tracing::info!(number, ?reason, "refused");
                self.refusals.push(reason);
            }
            Ok(Told::Left { number, reason, asked }) => {
                if !asked {
                    self.held.gone.insert(number, reason);
                }
            }
            Err(reason) => {
                let machine = self.hall.name(happening.company, self.test.language);
                self.held.machines_lost.insert(machine, reason);
            }
        }
    }

    async fn do_press(&self, press: Press) {
        let (who, order): (ParticipantId, fn(usize) -> Order) = match press {
            Press::Command(who, command) => {
                if let Some(number) = self.numbers.get(&who) {
                    self.press(*number, command).await;
                }
                return;
            }
            Press::Leave(who) => (who, |number| Order::Leave { number }),
            Press::Return(who) => (who, |number| Order::Return { number }),
        };
        if let Some(number) = self.numbers.get(&who) {
            self.hall.order(order(*number)).await;
        }
    }

    async fn press(&self, number: usize, command: Command) {
        self.hall.order(Order::Press { number, command }).await;
    }

    /// A test leaves no meeting behind: the chair closes it, and comes for that if they are not there yet. Where that does not
    /// succeed, at least nobody can come to it any more.
    async fn close(&mut self) {
        if tokio::time::timeout(CLOSES_WITHIN, self.chair_closes()).await.is_ok()
            && self.phase() == Some(&Phase::Closed)
        {
            return;
        }
        self.held.left_open = Some(self.convened.meeting);
        if let Err(error) = revoke(self.test.server, self.test.token, &self.convened).await {
            tracing::warn!(meeting = self.convened.meeting, %error, "the invitations are not taken back");
        }
    }

    async fn chair_closes(&mut self) {
        self.come(1).await;
        if !self.get_to(|phase| phase.is_some()).await || self.phase() == Some(&Phase::Closed) {
            return;
        }
        if self.phase() == Some(&Phase::Planned) {
            self.press(1, Command::Open {}).await;
        }
        self.press(1, Command::Close {}).await;
        self.get_to(|phase| phase == Some(&Phase::Closed)).await;
    }

    /// Waits until the meeting is in a phase. Returns whether it ever will be.
    async fn get_to(&mut self, so: impl Fn(Option<&Phase>) -> bool) -> bool {
        while !so(self.phase()) {
            if matches!(self.notice().await, Noticed::Nothing) {
                return false;
            }
        }
        true
    }

    fn phase(&self) -> Option<&Phase> {
        self.page.view.as_ref().map(|view| &view.phase)
    }
}

/// Looks at the server once a second; ends when nobody looks any more.
fn watch_server(watch: Watch) -> watch::Receiver<Option<ServerSecond>> {
    let (tell, told) = watch::channel(None);
    tokio::spawn(async move {
        let mut before = taken_now(&watch).await;
        while !tell.is_closed() {
            tokio::time::sleep(WATCH_EVERY).await;
            let now = taken_now(&watch).await;
            let second = before.zip(now).map(|((then, earlier), (at, taken))| ServerSecond {
                cores: (taken.cpu_s - earlier.cpu_s).max(0.0) / at.duration_since(then).as_secs_f64().max(f64::EPSILON),
                memory: taken.memory,
                descriptors: taken.descriptors,
            });
            before = now.or(before);
            let _ = tell.send(second);
        }
    });
    told
}

/// What the server has taken, if it is known at this moment; that it is known at all was made sure of before the test.
async fn taken_now(watch: &Watch) -> Option<(Instant, Taken)> {
    let taken = watch.taken().await;
    let told = taken.inspect_err(|error| tracing::info!(%error, "the server's figures did not come"));
    Some((Instant::now(), told.ok()??))
}
