//! What a check finds.

use lika_auth::oidc::{Outcome, Text};

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    Ports,
    Certificate,
    Name,
    Addresses,
    Clock,
    Disk,
    Files,
    Buffers,
    Processor,
    Secrets,
    Oidc,
}

impl Check {
    /// For programs.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ports => "ports",
            Self::Certificate => "certificate",
            Self::Name => "name",
            Self::Addresses => "addresses",
            Self::Clock => "clock",
            Self::Disk => "disk",
            Self::Files => "files",
            Self::Buffers => "buffers",
            Self::Processor => "processor",
            Self::Secrets => "secrets",
            Self::Oidc => "oidc",
        }
    }

    /// The heading above what it finds.
    pub(super) fn heading(self) -> Text {
        match self {
            Self::Ports => text("Portar", "Ports"),
            Self::Certificate => text("Certifikat", "Certificate"),
            Self::Name => text("Namnet i server.public_url", "The name in server.public_url"),
            Self::Addresses => text("Adresser i media.public_ips", "Addresses in media.public_ips"),
            Self::Clock => text("Klocka", "Clock"),
            Self::Disk => text("Disk", "Disk"),
            Self::Files => text("Öppna filer och anslutningar", "Open files and connections"),
            Self::Buffers => text("Buffertar för UDP", "Buffers for UDP"),
            Self::Processor => text("Processor", "Processor"),
            Self::Secrets => text("Hemligheter", "Secrets"),
            Self::Oidc => text("Legitimering", "Logging in"),
        }
    }
}

/// One thing found: the cause, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) outcome: Outcome,
    pub(super) text: Text,
}

pub(super) fn good(sv: impl Into<String>, en: impl Into<String>) -> Finding {
    found(Outcome::Ok, sv, en)
}

pub(super) fn warning(sv: impl Into<String>, en: impl Into<String>) -> Finding {
    found(Outcome::Warning, sv, en)
}

pub(super) fn failed(sv: impl Into<String>, en: impl Into<String>) -> Finding {
    found(Outcome::Failed, sv, en)
}

fn found(outcome: Outcome, sv: impl Into<String>, en: impl Into<String>) -> Finding {
    let text = text(sv, en);
    Finding { outcome, text }
}

pub(super) fn text(sv: impl Into<String>, en: impl Into<String>) -> Text {
    Text {
        sv: sv.into(),
        en: en.into(),
    }
}
