//! One device of one participant, over all its connections.

use super::{ConnectionId, Farewell, Outbox};
use crate::meeting::ParticipantId;
use crate::protocol::{MeetingView, PictureCodec, PictureLayer, ServerMessage, SlotView};
use lika_auth::{BearerId, Secret, SessionId};
use lika_sfu::allocation::publishing::Publishing;
use lika_sfu::{Audience, Layer, PeerId, Priority};
use std::collections::BTreeMap;
use tokio::time::Instant;

/// Lets a page take up its endpoint again: 128 random bits, new with every connection.
pub(super) type ResumeToken = Secret<16>;

pub(super) struct Endpoint {
    pub(super) participant: ParticipantId,
    /// The session of its page; `None`: the device came through WHIP.
    pub(super) session: Option<SessionId>,
    /// The token of a device without a page.
    pub(super) bearer: Option<BearerId>,
    pub(super) resume: ResumeToken,
    pub(super) page: Page,
    /// The number of the newest event sent.
    pub(super) seq: u32,
    /// What the page shows.
    pub(super) shown: MeetingView,
    pub(super) enlarges: Option<ParticipantId>,
    pub(super) media: Option<Media>,
    /// When its page was last told that the server stops (milliseconds since 1970-01-01 UTC).
    pub(super) draining_until_ms: Option<i64>,
    /// Who is in the receive slots has changed since the page was told.
    pub(super) slots_changed: bool,
}

/// The way to the page.
pub(super) enum Page {
    Here {
        connection: ConnectionId,
        outbox: Outbox,
    },
    /// There is none: the device came through WHIP.
    None,
    /// Waited for.
    Lost {
        since: Instant,
    },
}

/// The highest layer of somebody that an endpoint is to be sent, and how much it matters.
pub(super) type Wanted = (Layer, Priority);

/// Its peer in the relay.
pub(super) struct Media {
    pub(super) peer: PeerId,
    /// Whether the relay has answered its first offer.
    pub(super) joined: bool,
    /// Who is in each receive slot.
    pub(super) slots: Vec<Option<ParticipantId>>,
    /// As last ordered.
    pub(super) audience: Audience,
    /// What differs from the lowest layer and the least priority, as last ordered.
    pub(super) layers: BTreeMap<PeerId, Wanted>,
    /// What it is to send of its picture; `None`: what it offered.
    pub(super) publishing: Option<Publishing>,
}

impl Endpoint {
    pub(super) fn new(participant: ParticipantId, resume: ResumeToken, page: Page) -> Self {
        Self {
            participant,
            session: None,
            bearer: None,
            resume,
            page,
            seq: 0,
            shown: MeetingView::default(),
            enlarges: None,
            media: None,
            draining_until_ms: None,
            slots_changed: false,
        }
    }

    pub(super) const fn has_page(&self) -> bool {
        !matches!(self.page, Page::None)
    }

    pub(super) fn is_on(&self, connection: ConnectionId) -> bool {
        matches!(&self.page, Page::Here { connection: own, .. } if *own == connection)
    }

    /// Sends, if the page is there. One that does not keep up is cut off and waited for.
    pub(super) fn tell(&mut self, message: &ServerMessage, now: Instant) {
        if let Page::Here { outbox, connection } = &self.page
            && outbox.send(message).is_err()
        {
            tracing::warn!(
                participant = self.participant.0,
                connection = connection.0,
                "a page does not keep up and is cut off"
            );
            self.lose_page(Farewell::TooSlow, now);
        }
    }

    /// Ends the connection, if there is one; the endpoint is waited for.
    pub(super) fn lose_page(&mut self, farewell: Farewell, now: Instant) {
        if matches!(self.page, Page::Here { .. })
            && let Page::Here { outbox, .. } = std::mem::replace(&mut self.page, Page::Lost { since: now })
        {
            outbox.part(farewell);
        }
    }

    /// Tells the page what to send of its picture, if that is not what it offered.
    pub(super) fn tell_publishing(&mut self, now: Instant) {
        let Some(publishing) = self.media.as_ref().and_then(|media| media.publishing) else {
            return;
        };
        let publish = ServerMessage::Publish {
            highest: match publishing.highest {
                Layer::Low => PictureLayer::Low,
                Layer::Mid => PictureLayer::Mid,
                Layer::High => PictureLayer::High,
            },
            lowest_bps: publishing.lowest_bps,
            codec: match publishing.codec {
                lika_sfu::PictureCodec::Vp8 => PictureCodec::Vp8,
                lika_sfu::PictureCodec::H264 => PictureCodec::H264,
            },
        };
        self.tell(&publish, now);
    }

    pub(super) fn slot_views(&self) -> Vec<SlotView> {
        let slots = self.media.iter().flat_map(|media| &media.slots);
        (0..)
            .zip(slots)
            .map(|(slot, &participant)| SlotView { slot, participant })
            .collect()
    }

    pub(super) fn peer(&self) -> Option<PeerId> {
        self.media.as_ref().map(|media| media.peer)
    }
}
