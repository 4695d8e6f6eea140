//! One page's conversation, from `Hello` to its end.

use super::socket::{Incoming, Socket};
use super::{HELLO_WITHIN, MESSAGE_BURST, MESSAGES_PER_SECOND, PING_EVERY, SILENCE};
use crate::conference::{ConnectionId, Farewell, Hello, Input, Mailbox, Receiving, outbox};
use crate::http::{Connection, Doors, in_force};
use crate::meeting::MeetingId;
use crate::protocol::{ClientMessage, PROTOCOL, Refusal};
use axum::extract::ws::WebSocket;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use lika_auth::SessionToken;
use std::num::NonZeroU32;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

/// Holds the conversation. `_connection` keeps the connection's place among those allowed.
pub(super) async fn hold(socket: WebSocket, presented: Option<SessionToken>, doors: Doors, _connection: Connection) {
    let mut socket = Socket::new(socket);
    match introduce(&mut socket, presented, &doors).await {
        Ok((mailbox, id, receiving)) => {
            let farewell = talk(&mut socket, &mailbox, id, receiving).await;
            // The meeting's task has ended: then nobody needs to know.
            let _ = mailbox.send(Input::Gone { connection: id }).await;
            if let Some(farewell) = farewell {
                socket.part(farewell).await;
            }
        }
        Err(reason) => socket.part(Farewell::Refused(reason)).await,
    }
}

/// `Hello` comes first; the session says who it is, and the meeting takes the connection.
async fn introduce(
    socket: &mut Socket,
    presented: Option<SessionToken>,
    doors: &Doors,
) -> Result<(Mailbox, ConnectionId, Receiving), Refusal> {
    let token = presented.ok_or(Refusal::SignedOut)?;
    in_force(doors, token.clone()).await.ok_or(Refusal::SignedOut)?;
    let (resume, take_over) = match timeout(HELLO_WITHIN, hello(socket)).await {
        Ok(hello) => hello?,
        Err(_) => return Err(Refusal::OutOfOrder),
    };
    // As it is now: a login in another tab may have come between.
    let session = in_force(doors, token).await.ok_or(Refusal::SignedOut)?;
    let mailbox = doors.hall.find(MeetingId(session.whom.meeting)).await?;
    let (sending, receiving) = outbox();
    let connection = doors.hall.next_connection();
    let hello = Hello {
        connection,
        session,
        resume,
        take_over,
        outbox: sending,
    };
    mailbox.send(Input::Connect(hello)).await?;
    Ok((mailbox, connection, receiving))
}

/// The token of the connection that broke, and whether to take over from another device.
async fn hello(socket: &mut Socket) -> Result<(Option<String>, bool), Refusal> {
    loop {
        match socket.receive().await {
            Incoming::Message(ClientMessage::Hello {
                protocol: PROTOCOL,
                resume,
                take_over,
                ..
            }) => return Ok((resume, take_over)),
            Incoming::Message(ClientMessage::Hello { .. }) => return Err(Refusal::WrongProtocol),
            Incoming::Message(_) | Incoming::Closed => return Err(Refusal::OutOfOrder),
            Incoming::Malformed => return Err(Refusal::Malformed),
            Incoming::TooLarge => return Err(Refusal::TooLarge),
            Incoming::Alive => {}
        }
    }
}

/// Carries messages both ways. Returns why it ended, if the page is still there to be told.
async fn talk(
    socket: &mut Socket,
    mailbox: &Mailbox,
    connection: ConnectionId,
    mut receiving: Receiving,
) -> Option<Farewell> {
    let pace = pace();
    let mut pings = interval(PING_EVERY);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = Instant::now();
    loop {
        tokio::select! {
            biased;
            farewell = &mut receiving.farewell => {
                let farewell = farewell.unwrap_or(Farewell::Stopping);
                return (farewell == Farewell::TooSlow || drain(socket, &mut receiving).await).then_some(farewell);
            }
            Some(text) = receiving.texts.recv() => socket.send(text).await.ok()?,
            incoming = socket.receive() => {
                heard = Instant::now();
                if let Some(ended) = take(socket, incoming, mailbox, connection, &pace).await {
                    return ended;
                }
            }
            _ = pings.tick() => socket.ping().await.ok()?,
            () = sleep_until(heard + SILENCE) => return None,
        }
    }
}

/// What the meeting still had to say. Whether all of it was taken.
async fn drain(socket: &mut Socket, receiving: &mut Receiving) -> bool {
    receiving.texts.close();
    while let Some(text) = receiving.texts.recv().await {
        if socket.send(text).await.is_err() {
            return false;
        }
    }
    true
}

/// Hands one message on. `Some` ends the conversation: with a farewell, or without if the page is gone.
async fn take(
    socket: &mut Socket,
    incoming: Incoming,
    mailbox: &Mailbox,
    connection: ConnectionId,
    pace: &DefaultDirectRateLimiter,
) -> Option<Option<Farewell>> {
    let refused = |reason| Some(Some(Farewell::Refused(reason)));
    let message = match incoming {
        Incoming::Closed => return Some(None),
        Incoming::TooLarge => return refused(Refusal::TooLarge),
        Incoming::Alive => return None,
        _ if pace.check().is_err() => return refused(Refusal::TooFast),
        Incoming::Malformed | Incoming::Message(ClientMessage::Hello { .. }) => {
            let reason = if matches!(incoming, Incoming::Malformed) {
                Refusal::Malformed
            } else {
                Refusal::OutOfOrder
            };
            return socket.refuse(reason).await.is_err().then_some(None);
        }
        Incoming::Message(message) => message,
    };
    match mailbox.send(Input::Message { connection, message }).await {
        Ok(()) => None,
        Err(_) => Some(Some(Farewell::Stopping)),
    }
}

fn pace() -> DefaultDirectRateLimiter {
    let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
    RateLimiter::direct(Quota::per_second(at_least_one(MESSAGES_PER_SECOND)).allow_burst(at_least_one(MESSAGE_BURST)))
}
