//! What whoever looks after the server should see to, by what was seen of it.

use super::seen::Seen;
use crate::clock::ALLOWED_ERROR_MS;
use crate::journal::Synchronised;
use crate::metrics::machine::{Descriptors, Disk};
use serde::Serialize;

/// Automatic renewal happens a month before the end; after this it has failed.
const CERTIFICATE_SOON_S: i64 = 14 * 86_400;
/// Below this the next meeting may not fit on the disk.
const DISK_SHORT: u64 = 5_000_000_000;
/// Below this nothing should begin.
const DISK_FULL: u64 = 500_000_000;
/// From this load on, in thousandths, a thread takes no new meeting.
const BUSY: u16 = 700;

/// A backup is made every night; one that is older has failed, or lasted into the morning.
const BACKUP_OLD_S: i64 = 30 * 3600;

/// What does not change while the server runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Setup {
    /// Everybody may choose who they are.
    pub test_identities: bool,
    /// Delegates are told no address but this machine's own.
    pub only_loopback: bool,
    /// There should be a port for metrics, and is none.
    pub no_metrics: bool,
}

/// Something to see to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// A thread of the relay does not answer.
    RelayHangs,
    /// A thread of the relay takes no new meeting.
    RelayBusy,
    /// Nobody can open the page.
    CertificateExpired,
    /// It ends within two weeks.
    CertificateEnds,
    /// Nothing can be decided soon.
    DiskFull,
    /// Room is short.
    DiskShort,
    /// The disk does not say how full it is.
    DiskSilent,
    /// The clock follows nobody.
    ClockAdrift,
    /// The server has another time than the machine.
    ClockOff,
    /// Last night there was no backup, or there has never been one.
    BackupOld,
    /// Nobody new could connect soon.
    ConnectionsShort,
    /// The same, for files.
    FilesShort,
    /// Anybody may be anybody.
    TestIdentities,
    /// Nobody outside is heard.
    OnlyLoopback,
    /// Prometheus reads nothing.
    NoMetrics,
    /// The server is to stop.
    Draining,
}

/// Everything to see to, the most pressing first.
#[must_use]
pub fn warnings(seen: &Seen, setup: Setup, now_s: i64) -> Vec<Warning> {
    let workers = seen.workers.iter();
    let left_s = seen.certificate_ends_s.map(|end| end.saturating_sub(now_s));
    let near = |open: u64, limit: u64| open.saturating_mul(5) > limit.saturating_mul(4);
    let holds = [
        (Warning::RelayHangs, workers.clone().any(|one| one.counters.is_none())),
        (Warning::CertificateExpired, left_s.is_some_and(|left| left <= 0)),
        (
            Warning::DiskFull,
            matches!(seen.disk, Some(Disk { free: ..DISK_FULL, .. })),
        ),
        (Warning::RelayBusy, workers.clone().any(|one| one.load.busy >= BUSY)),
        (
            Warning::CertificateEnds,
            left_s.is_some_and(|left| (1..CERTIFICATE_SOON_S).contains(&left)),
        ),
        (
            Warning::DiskShort,
            seen.disk
                .is_some_and(|disk| (DISK_FULL..DISK_SHORT).contains(&disk.free)),
        ),
        (Warning::DiskSilent, seen.disk.is_none()),
        (
            Warning::ClockAdrift,
            seen.time.is_some_and(|time| time.synchronised == Synchronised::No),
        ),
        (Warning::ClockOff, seen.clock_ahead_ms.unsigned_abs() > ALLOWED_ERROR_MS),
        (
            Warning::BackupOld,
            // What has never been backed up is as old as the first that there was to back up.
            seen.backed_up_s
                .or(seen.journal_begins_s)
                .is_some_and(|made| now_s.saturating_sub(made) > BACKUP_OLD_S),
        ),
        (
            Warning::ConnectionsShort,
            near(seen.connections.open.into(), seen.connections.limit.into()),
        ),
        (
            Warning::FilesShort,
            seen.descriptors
                .is_some_and(|Descriptors { open, limit }| near(open, limit)),
        ),
        (Warning::TestIdentities, setup.test_identities),
        (Warning::OnlyLoopback, setup.only_loopback),
        (Warning::NoMetrics, setup.no_metrics),
        (Warning::Draining, seen.draining),
    ];
    holds
        .into_iter()
        .filter(|(_, holds)| *holds)
        .map(|(warning, _)| warning)
        .collect()
}

impl Warning {
    /// What it is and what to do, in Swedish.
    #[must_use]
    pub const fn swedish(self) -> &'static str {
        match self {
            Self::RelayHangs => {
                "En tråd i reläet svarar inte: ljud och bild går inte fram i dess sammanträden. Starta om lika; sammanträdena fortsätter inom sekunder."
            }
            Self::RelayBusy => {
                "En tråd i reläet är hårt lastad och tar inga nya sammanträden. Stoppa annat som kör på maskinen, eller ge den mer processor."
            }
            Self::CertificateExpired => "Certifikatet har gått ut: ingen kan öppna mötessidan. Förnya det nu.",
            Self::CertificateEnds => {
                "Certifikatet går ut inom två veckor. Automatisk förnyelse borde redan ha skett; kontrollera den, eller beställ ett nytt."
            }
            Self::DiskFull => "Disken är nästan full. När den är full kan inget beslutas. Frigör utrymme nu.",
            Self::DiskShort => {
                "Det börjar bli ont om diskutrymme. Utöka disken eller gallra mätvärden före nästa sammanträde."
            }
            Self::DiskSilent => {
                "Disken med datakatalogen svarar inte. Kontrollera lagringen under den virtuella maskinen."
            }
            Self::ClockAdrift => {
                "Klockan följer ingen tidsserver: tider i protokollet kan ifrågasättas. Kör: timedatectl set-ntp true."
            }
            Self::ClockOff => {
                "Maskinens klocka har ställts om medan någon var ansluten, och Lika räknar vidare från den gamla tiden: tider i protokollet blir fel. Starta om lika före nästa sammanträde, eller i en paus: systemctl restart lika."
            }
            Self::BackupOld => {
                "Ingen säkerhetskopia har gjorts på över 30 timmar. Se varför: journalctl -u lika-backup. Gör en: systemctl start lika-backup. Varje natt: systemctl enable --now lika-backup.timer."
            }
            Self::ConnectionsShort => {
                "Anslutningarna börjar ta slut. Höj limits.connections, eller ta reda på vem som öppnar så många."
            }
            Self::FilesShort => "Öppna filer närmar sig gränsen. Höj LimitNOFILE i tjänsten.",
            Self::TestIdentities => {
                "Providentiteter är påslagna: vem som helst kan välja vem hen är. Sätt identity.test_identities = false före ett riktigt sammanträde."
            }
            Self::OnlyLoopback => {
                "Ingen yttre adress är inställd: ingen utanför den här maskinen hörs eller syns. Sätt media.public_ips."
            }
            Self::NoMetrics => {
                "Porten för övervakning kunde inte öppnas, så Prometheus får inga värden. Se loggen, och metrics.listen."
            }
            Self::Draining => "Servern ska stängas och tar inga nya sammanträden.",
        }
    }

    /// The same in English.
    #[must_use]
    pub const fn english(self) -> &'static str {
        match self {
            Self::RelayHangs => {
                "A thread of the relay does not answer: sound and picture do not pass in its meetings. Restart lika; the meetings go on within seconds."
            }
            Self::RelayBusy => {
                "A thread of the relay is busy and takes no new meetings. Stop what else runs on the machine, or give it more processor."
            }
            Self::CertificateExpired => "The certificate has expired: nobody can open the meeting page. Renew it now.",
            Self::CertificateEnds => {
                "The certificate expires within two weeks. An automatic renewal should have happened already; check it, or order a new one."
            }
            Self::DiskFull => "The disk is almost full. When it is full nothing can be decided. Make room now.",
            Self::DiskShort => {
                "Room on the disk is getting short. Enlarge the disk or weed samples before the next meeting."
            }
            Self::DiskSilent => {
                "The disk of the data directory does not answer. Check the storage below the virtual machine."
            }
            Self::ClockAdrift => {
                "The clock follows no time server: times in the minutes can be questioned. Run: timedatectl set-ntp true."
            }
            Self::ClockOff => {
                "The machine's clock was set while somebody was connected, and Lika goes on from the old time: times in the minutes are wrong. Restart lika before the next meeting, or in a break: systemctl restart lika."
            }
            Self::BackupOld => {
                "No backup has been made for more than 30 hours. See why: journalctl -u lika-backup. Make one: systemctl start lika-backup. Every night: systemctl enable --now lika-backup.timer."
            }
            Self::ConnectionsShort => {
                "The connections are running out. Raise limits.connections, or find out who opens so many."
            }
            Self::FilesShort => "Open files are near the limit. Raise LimitNOFILE of the service.",
            Self::TestIdentities => {
                "Identities for tests are on: anybody can choose who they are. Set identity.test_identities = false before a real meeting."
            }
            Self::OnlyLoopback => {
                "No outer address is set: nobody outside this machine is heard or seen. Set media.public_ips."
            }
            Self::NoMetrics => {
                "The port for watching could not be opened, so Prometheus reads nothing. See the log, and metrics.listen."
            }
            Self::Draining => "The server is to stop and takes no new meetings.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Setup, Warning, warnings};
    use crate::journal::{Synchronised, TimeSource};
    use crate::metrics::machine::{Descriptors, Disk};
    use crate::metrics::{Connections, Seen, WorkerSeen};
    use lika_sfu::relay::Counters;
    use lika_sfu::worker::Load;

    const NOW_S: i64 = 1_800_000_000;
    const DAY_S: i64 = 86_400;

    fn well() -> Seen {
        Seen {
            meetings: Vec::new(),
            workers: vec![WorkerSeen {
                load: Load { busy: 300, peers: 40 },
                counters: Some(Counters::default()),
            }],
            connections: Connections { open: 90, limit: 2000 },
            disk: Some(Disk {
                free: 50_000_000_000,
                size: 100_000_000_000,
            }),
            time: Some(TimeSource {
                synchronised: Synchronised::Yes,
                max_error_ms: Some(3),
            }),
            clock_ahead_ms: -3,
            certificate_ends_s: Some(NOW_S + 60 * DAY_S),
            backed_up_s: Some(NOW_S - DAY_S),
            journal_begins_s: Some(NOW_S - 90 * DAY_S),
            descriptors: Some(Descriptors { open: 100, limit: 8192 }),
            draining: false,
        }
    }

    fn after(change: impl FnOnce(&mut Seen)) -> Vec<Warning> {
        let mut seen = well();
        change(&mut seen);
        warnings(&seen, Setup::default(), NOW_S)
    }

    #[test]
    fn a_server_that_is_well_gives_none() {
        assert_eq!(after(|_| {}), []);
    }

    #[test]
    fn each_thing_is_told_alone() {
        let free = |free| move |seen: &mut Seen| seen.disk = Some(Disk { free, size: u64::MAX });
        let ends = |days: i64| move |seen: &mut Seen| seen.certificate_ends_s = Some(NOW_S + days * DAY_S);
        assert_eq!(after(|seen| seen.workers[0].counters = None), [Warning::RelayHangs]);
        assert_eq!(after(|seen| seen.workers[0].load.busy = 700), [Warning::RelayBusy]);
        assert_eq!(after(ends(13)), [Warning::CertificateEnds]);
        assert_eq!(after(ends(0)), [Warning::CertificateExpired]);
        assert_eq!(after(|seen| seen.certificate_ends_s = None), []);
        assert_eq!(after(free(4_000_000_000)), [Warning::DiskShort]);
        assert_eq!(after(free(400_000_000)), [Warning::DiskFull]);
        assert_eq!(after(|seen| seen.disk = None), [Warning::DiskSilent]);
        assert_eq!(after(|seen| seen.connections.open = 1601), [Warning::ConnectionsShort]);
        let files = Descriptors { open: 900, limit: 1024 };
        assert_eq!(after(|seen| seen.descriptors = Some(files)), [Warning::FilesShort]);
        assert_eq!(after(|seen| seen.draining = true), [Warning::Draining]);
        assert_eq!(
            after(|seen| seen.backed_up_s = Some(NOW_S - 2 * DAY_S)),
            [Warning::BackupOld]
        );
        let never = |began_s| move |seen: &mut Seen| (seen.backed_up_s, seen.journal_begins_s) = (None, began_s);
        assert_eq!(after(never(Some(NOW_S - 2 * DAY_S))), [Warning::BackupOld]);
        assert_eq!(after(never(Some(NOW_S - DAY_S))), [], "the night has not been");
        assert_eq!(after(never(None)), [], "there is nothing to back up");
        let adrift = TimeSource {
            synchronised: Synchronised::No,
            max_error_ms: None,
        };
        assert_eq!(after(|seen| seen.time = Some(adrift)), [Warning::ClockAdrift]);
        assert_eq!(after(|seen| seen.time = Some(TimeSource::UNKNOWN)), []);
        for ahead_ms in [-300_000, 1001] {
            assert_eq!(after(|seen| seen.clock_ahead_ms = ahead_ms), [Warning::ClockOff]);
        }
        let setup = Setup {
            test_identities: true,
            only_loopback: true,
            no_metrics: true,
        };
        assert_eq!(
            warnings(&well(), setup, NOW_S),
            [Warning::TestIdentities, Warning::OnlyLoopback, Warning::NoMetrics]
        );
    }
}
