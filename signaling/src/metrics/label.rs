//! The labels of metrics: each has a name and a closed list of values, so that neither a person, a meeting nor a guess
//! from outside can ever become one, and the number of series is known.

use crate::equal_terms::{Cause, Level};

/// A label.
pub trait Label: Copy + 'static {
    /// Its name.
    const NAME: &'static str;
    /// Every one there is.
    const ALL: &'static [Self];
    /// Its value.
    fn value(self) -> &'static str;
}

/// One label, or two together.
pub trait Labels: Copy + 'static {
    /// Their names.
    fn names() -> Vec<&'static str>;
    /// Every combination.
    fn all() -> Vec<Self>;
    /// Their values, in the order of the names.
    fn values(self) -> Vec<&'static str>;
}

impl<A: Label> Labels for (A,) {
    fn names() -> Vec<&'static str> {
        vec![A::NAME]
    }

    fn all() -> Vec<Self> {
        A::ALL.iter().map(|&one| (one,)).collect()
    }

    fn values(self) -> Vec<&'static str> {
        vec![self.0.value()]
    }
}

impl<A: Label, B: Label> Labels for (A, B) {
    fn names() -> Vec<&'static str> {
        vec![A::NAME, B::NAME]
    }

    fn all() -> Vec<Self> {
        let with = |&a: &A| B::ALL.iter().map(move |&b| (a, b));
        A::ALL.iter().flat_map(with).collect()
    }

    fn values(self) -> Vec<&'static str> {
        vec![self.0.value(), self.1.value()]
    }
}

/// An enum whose variants are the values of one label.
macro_rules! label {
    ($(#[$about:meta])* $kind:ident as $name:literal { $($(#[$doc:meta])* $variant:ident = $value:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $kind {
            $($(#[$doc])* $variant,)+
        }

        impl Label for $kind {
            const NAME: &'static str = $name;
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn value(self) -> &'static str {
                match self {
                    $(Self::$variant => $value,)+
                }
            }
        }
    };
}

label! {
    /// Where a meeting stands.
    Stage as "phase" {
        /// Convened, not opened.
        Planned = "planned",
        /// In session.
        Open = "open",
        /// Adjourned.
        Adjourned = "adjourned",
        /// Over, with people still there.
        Closed = "closed",
    }
}

label! {
    /// Where somebody of a roster is.
    Whereabouts as "place" {
        /// Inside the meeting.
        Inside = "inside",
        /// Inside until the connection was lost.
        Lost = "lost",
        /// In the lobby.
        Lobby = "lobby",
    }
}

label! {
    /// Why something that came to the relay was not taken.
    RefusedFor as "reason" {
        /// Neither STUN, DTLS nor RTP, or from an address that nobody has proved.
        Strange = "strange",
        /// A connectivity check of nobody's.
        Check = "check",
        /// Did not open: not sealed with the peer's key.
        NotOpened = "not_opened",
        /// A replay or duplicate.
        Replayed = "replayed",
        /// Opened, but not to be read.
        Unreadable = "unreadable",
        /// Of no stream that was negotiated.
        UnknownStream = "unknown_stream",
        /// Interrupted by a fault of the relay.
        Faulted = "faulted",
    }
}

label! {
    /// Why a packet of sound or picture was not sent to somebody who may have it.
    DroppedFor as "reason" {
        /// The receiver's line has no room for the picture.
        NoRoom = "no_room",
        /// Older than what the receiver is shown.
        TooOld = "too_old",
        /// The receiver has not negotiated it.
        NotNegotiated = "not_negotiated",
        /// The receiver has no keys yet.
        NotConnected = "not_connected",
        /// Could not be sealed.
        NotSealed = "not_sealed",
        /// The receiver's outbox was full.
        Overflowed = "overflowed",
        /// The receiver has no path at the moment.
        Pathless = "pathless",
        /// The operating system did not take it.
        System = "system",
        /// The queue of the receiver's TCP connection was full.
        TcpQueue = "tcp_queue",
        /// The receiver's TCP connection is over.
        TcpGone = "tcp_gone",
    }
}

label! {
    /// What became of a line of samples.
    Kept as "outcome" {
        /// Handed to the thread that writes.
        Queued = "queued",
        /// The thread's queue was full: the disk is too slow.
        Dropped = "dropped",
    }
}

label! {
    /// The class of an HTTP answer.
    Class as "class" {
        /// Upgrades to WebSocket.
        Informational = "1xx",
        /// Success.
        Success = "2xx",
        /// Elsewhere.
        Redirection = "3xx",
        /// The asker's mistake.
        ClientError = "4xx",
        /// Not now (503): the server is full, busy, drains or stops; nothing is broken.
        Unavailable = "503",
        /// Ours, whatever the status says.
        ServerError = "5xx",
    }
}

label! {
    /// How a login ended.
    SignIn as "outcome" {
        /// Somebody is in.
        Done = "done",
        /// The person broke it off.
        Cancelled = "cancelled",
        /// Too late, used already, or begun in another browser.
        Over = "over",
        /// The provider did not answer.
        ProviderDown = "provider_down",
        /// What the provider said was not believed.
        Refused = "refused",
        /// Below the level that the meeting asks for.
        LevelNotMet = "level_not_met",
        /// In no roster.
        NotInvited = "not_invited",
        /// Our own store did not answer.
        Failed = "failed",
    }
}

impl Label for Level {
    const NAME: &'static str = "level";
    const ALL: &'static [Self] = &[Self::Amber, Self::Red];

    fn value(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Suspended => "suspended",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }
}

impl Label for Cause {
    const NAME: &'static str = "cause";
    const ALL: &'static [Self] = &[
        Self::LinkLost,
        Self::TelemetryMissing,
        Self::Unacknowledged,
        Self::PictureWithheld,
        Self::PictureUndecodable,
        Self::PictureFrozen,
        Self::CameraOff,
        Self::CameraCovered,
        Self::MicrophoneDead,
        Self::SoundLoss,
        Self::SoundConcealed,
        Self::SoundMissing,
        Self::FrameRate,
        Self::PictureSize,
        Self::DelayLong,
        Self::LipSync,
        Self::Reported,
    ];

    fn value(self) -> &'static str {
        match self {
            Self::LinkLost => "link_lost",
            Self::TelemetryMissing => "telemetry_missing",
            Self::Unacknowledged => "unacknowledged",
            Self::PictureWithheld => "picture_withheld",
            Self::PictureUndecodable => "picture_undecodable",
            Self::PictureFrozen => "picture_frozen",
            Self::CameraOff => "camera_off",
            Self::CameraCovered => "camera_covered",
            Self::MicrophoneDead => "microphone_dead",
            Self::SoundLoss => "sound_loss",
            Self::SoundConcealed => "sound_concealed",
            Self::SoundMissing => "sound_missing",
            Self::FrameRate => "frame_rate",
            Self::PictureSize => "picture_size",
            Self::DelayLong => "delay_long",
            Self::LipSync => "lip_sync",
            Self::Reported => "reported",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Label;
    use crate::equal_terms::Cause;

    #[test]
    fn causes_are_called_what_they_are_called_everywhere_else() {
        for &cause in Cause::ALL {
            let elsewhere = serde_json::to_value(cause).unwrap();
            assert_eq!(elsewhere.as_str(), Some(cause.value()));
        }
    }
}
