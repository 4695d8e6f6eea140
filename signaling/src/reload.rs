//! What is read again while the server runs: the certificate and the threshold profile. New connections are shown the new
//! certificate, meetings that nobody has come to yet are judged by the new profile; what cannot be used is refused, and
//! what was there before stays.

use crate::clock::Clock;
use crate::config::Quality;
use crate::equal_terms::Profile;
use crate::http::tls::{CertificateFiles, TlsError};
use crate::metrics::Watch;
use crate::metrics::machine::certificate_ends_s;
use crate::sha256::Sha256;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{MissedTickBehavior, interval};

/// How often files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(3);

/// Asks for the files to be read again at once.
#[derive(Clone, Debug, Default)]
pub struct Reload(Arc<Notify>);

impl Reload {
    /// Without waiting for the next look.
    pub fn now(&self) {
        self.0.notify_one();
    }
}

/// The files, and where what they hold goes.
pub(crate) struct Reloading {
    pub(crate) certificate: Option<CertificateFiles>,
    /// Is told when the certificate in use ends.
    pub(crate) watch: Watch,
    pub(crate) cert_file: Option<PathBuf>,
    pub(crate) quality: Quality,
    pub(crate) profile: watch::Sender<Profile>,
    pub(crate) clock: Clock,
}

impl Reloading {
    /// Looks at the files until the server has stopped.
    pub(crate) async fn run(self, asked: Reload) {
        let mut certificate = Seen::of(self.certificate.as_ref().map(CertificateFiles::content));
        let mut profile = Seen::of(Some(self.profile_content()));
        let mut valid_from_ms = None;
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let at_once = tokio::select! {
                _ = looks.tick() => false,
                () = asked.0.notified() => true,
                () = self.profile.closed() => return,
            };
            let changed = certificate.has_changed(self.certificate.as_ref().map(CertificateFiles::content), at_once);
            if changed || valid_from_ms.is_some_and(|from_ms| from_ms <= self.clock.now_ms()) {
                valid_from_ms = self.reload_certificate();
            }
            if profile.has_changed(Some(self.profile_content()), at_once) {
                self.reload_profile();
            }
        }
    }

    /// From when the certificate that was refused is good, if it is to come.
    fn reload_certificate(&self) -> Option<i64> {
        match self.certificate.as_ref().map(|files| files.reload(self.clock.now_ms())) {
            Some(Ok(())) => {
                self.watch
                    .certificate_in_use(self.cert_file.as_deref().and_then(certificate_ends_s));
                tracing::info!("the new certificate is shown from now on");
                None
            }
            Some(Err(error)) => {
                tracing::error!(%error, "the new certificate is refused; the old one stays in use");
                match error {
                    TlsError::NotNow { begins_ms, .. } if begins_ms > self.clock.now_ms() => Some(begins_ms),
                    _ => None,
                }
            }
            None => None,
        }
    }

    fn reload_profile(&self) {
        match self.quality.threshold_profile() {
            Ok(profile) if profile == *self.profile.borrow() => {}
            Ok(profile) => {
                tracing::info!(
                    profile = profile.id(),
                    "new meetings are judged by the new threshold profile"
                );
                self.profile.send_replace(profile);
            }
            Err(error) => tracing::error!("quality.profile {error}; the old profile stays in use"),
        }
    }

    /// A built-in profile has no file, which never changes.
    fn profile_content(&self) -> Sha256 {
        match std::fs::read(&self.quality.profile) {
            Ok(bytes) => Sha256::of(&[&bytes]),
            Err(error) => Sha256::of(&[error.to_string().as_bytes()]),
        }
    }
}

/// What was seen of a file. Files that belong together are written one after the other: they count as changed when they
/// have stayed as they are for one look.
struct Seen {
    last: Option<Sha256>,
    tried: Option<Sha256>,
}

impl Seen {
    const fn of(content: Option<Sha256>) -> Self {
        Self {
            last: content,
            tried: content,
        }
    }

    /// Whether to try this content; each is tried once.
    fn has_changed(&mut self, content: Option<Sha256>, at_once: bool) -> bool {
        let settled = at_once || self.last == content;
        self.last = content;
        let changed = settled && self.tried != content;
        if changed {
            self.tried = content;
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;
    use crate::sha256::Sha256;

    #[test]
    fn a_change_is_tried_once_when_it_has_settled() {
        let content = |text: &str| Some(Sha256::of(&[text.as_bytes()]));
        let mut seen = Seen::of(content("old pair"));
        assert!(!seen.has_changed(content("old pair"), false));
        assert!(
            !seen.has_changed(content("new certificate, old key"), false),
            "being written"
        );
        assert!(!seen.has_changed(content("new pair"), false));
        assert!(seen.has_changed(content("new pair"), false));
        assert!(!seen.has_changed(content("new pair"), false), "once");
        assert!(seen.has_changed(content("newer pair"), true), "asked for");
        assert!(!seen.has_changed(content("newer pair"), true));
    }
}
