//! What the pages are shown.

use super::Conference;
use crate::meeting::{EndpointId, changes, view};
use crate::protocol::ServerMessage;
use tokio::time::Instant;

impl Conference {
    pub(super) fn tell(&mut self, endpoint: EndpointId, message: &ServerMessage) {
        if let Some(endpoint) = self.endpoints.get_mut(&endpoint) {
            endpoint.tell(message, Instant::now());
        }
    }

    /// Sends each page what has changed in its view.
    pub(super) fn refresh_screens(&mut self) {
        let now = Instant::now();
        for endpoint in self.endpoints.values_mut() {
            let current = view(&self.meeting, &self.identities, endpoint.participant);
            for change in changes(&endpoint.shown, &current) {
                endpoint.seq = endpoint.seq.wrapping_add(1);
                let event = ServerMessage::Event {
                    seq: endpoint.seq,
                    change,
                };
                endpoint.tell(&event, now);
            }
            endpoint.shown = current;
        }
    }
}
