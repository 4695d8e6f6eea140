//! A UDP socket that loses and holds back what its link does.

use super::way::Lane;
use super::{Kind, Link};
use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::io::ReadBuf;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::Sleep;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Transmit};

/// Datagrams held back in one direction; more are dropped. A second of delay at 2000 datagrams a second.
const MAX_HELD: usize = 2000;

/// A datagram on its way.
#[derive(Debug)]
struct Held {
    due: Instant,
    peer: SocketAddr,
    bytes: Vec<u8>,
}

/// Sends and receives one datagram at a time (no GSO, no GRO), so that each meets its own luck.
#[derive(Debug)]
pub(super) struct ImpairedSocket {
    socket: Arc<UdpSocket>,
    link: Link,
    up: Mutex<Up>,
    down: Mutex<Down>,
}

#[derive(Debug)]
struct Up {
    lane: Lane,
    /// To the task that sends what is due.
    held: mpsc::Sender<Held>,
}

#[derive(Debug, Default)]
struct Down {
    lane: Lane,
    held: VecDeque<Held>,
    /// Until the first of them is due.
    wait: Option<Pin<Box<Sleep>>>,
}

impl ImpairedSocket {
    pub(super) fn new(socket: UdpSocket, link: Link) -> Self {
        let socket = Arc::new(socket);
        let (held, to_send) = mpsc::channel(MAX_HELD);
        tokio::spawn(send_when_due(Arc::clone(&socket), to_send));
        let lane = Lane::default();
        Self {
            socket,
            link,
            up: Mutex::new(Up { lane, held }),
            down: Mutex::default(),
        }
    }
}

impl AsyncUdpSocket for ImpairedSocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        let (bytes, now) = (transmit.contents, Instant::now());
        self.link.traffic().up(bytes.len());
        let mut up = lock(&self.up);
        let way = self.link.impairment().up();
        let due = way.and_then(|way| {
            up.lane
                .admit(&way, now, Kind::of(bytes), bytes.len(), rand::random::<f64>)
        });
        let all_sent = up.held.capacity() == MAX_HELD;
        match due {
            Some(due) if due <= now && all_sent => self.socket.poll_send_to(cx, bytes, transmit.destination),
            Some(due) => {
                // A full queue drops, as a router's does.
                let _ = up.held.try_send(Held {
                    due,
                    peer: transmit.destination,
                    bytes: bytes.to_vec(),
                });
                Poll::Ready(Ok(bytes.len()))
            }
            None => Poll::Ready(Ok(bytes.len())),
        }
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let (Some(buffer), Some(meta)) = (bufs.first_mut(), meta.first_mut()) else {
            return Poll::Ready(Ok(0));
        };
        let mut down = lock(&self.down);
        loop {
            let now = Instant::now();
            if let Some(held) = down.take_due(now) {
                let length = held.bytes.len().min(buffer.len());
                buffer[..length].copy_from_slice(&held.bytes[..length]);
                return Poll::Ready(Ok(received(meta, held.peer, length)));
            }
            let mut read = ReadBuf::new(buffer);
            let Poll::Ready(peer) = self.socket.poll_recv_from(cx, &mut read) else {
                if down.poll_wait(cx).is_ready() {
                    continue;
                }
                return Poll::Pending;
            };
            let (peer, bytes) = (peer?, read.filled());
            self.link.traffic().down(bytes.len());
            let way = self.link.impairment().down();
            let due = way.and_then(|way| {
                down.lane
                    .admit(&way, now, Kind::of(bytes), bytes.len(), rand::random::<f64>)
            });
            match due {
                Some(due) if due <= now && down.held.is_empty() => {
                    return Poll::Ready(Ok(received(meta, peer, bytes.len())));
                }
                Some(due) if down.held.len() < MAX_HELD => down.held.push_back(Held {
                    due,
                    peer,
                    bytes: bytes.to_vec(),
                }),
                _ => {}
            }
        }
    }
}

impl Down {
    fn take_due(&mut self, now: Instant) -> Option<Held> {
        let due = self.held.front().is_some_and(|held| held.due <= now);
        due.then(|| self.held.pop_front()).flatten()
    }

    /// Ready when the first datagram held back is due.
    fn poll_wait(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(first) = self.held.front() else {
            self.wait = None;
            return Poll::Pending;
        };
        let due = tokio::time::Instant::from_std(first.due);
        let wait = self.wait.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        if wait.deadline() != due {
            wait.as_mut().reset(due);
        }
        wait.as_mut().poll(cx)
    }
}

async fn send_when_due(socket: Arc<UdpSocket>, mut held: mpsc::Receiver<Held>) {
    while let Some(next) = held.recv().await {
        tokio::time::sleep_until(next.due.into()).await;
        // What the system does not take is lost.
        let _ = socket.send_to(&next.bytes, next.peer).await;
    }
}

pub(super) fn received(meta: &mut RecvMeta, peer: SocketAddr, length: usize) -> usize {
    *meta = RecvMeta::default();
    meta.addr = peer;
    meta.len = length;
    meta.stride = length.max(1);
    1
}

pub(super) fn lock<T>(state: &Mutex<T>) -> MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::super::{Impairment, Loss, Way};
    use super::*;
    use std::time::Duration;
    use tokio::sync::watch;

    /// An impaired socket, a plain one, and the switch between fair and foul.
    async fn pair() -> (ImpairedSocket, UdpSocket, watch::Sender<Impairment>) {
        let (switch, impairment) = watch::channel(Impairment::None);
        let impaired = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let plain = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        (ImpairedSocket::new(impaired, Link::new(impairment)), plain, switch)
    }

    fn up(up: Way) -> Impairment {
        let down = Way::default();
        Impairment::Ways { up, down }
    }

    fn down(down: Way) -> Impairment {
        let up = Way::default();
        Impairment::Ways { up, down }
    }

    #[tokio::test]
    async fn what_is_sent_over_a_cut_link_never_comes() {
        let (impaired, plain, switch) = pair().await;
        switch.send_replace(Impairment::Cut);
        assert_eq!(impaired.send_to(b"lost", plain.local_addr().unwrap()).await.unwrap(), 4);
        switch.send_replace(Impairment::None);
        impaired.send_to(b"after", plain.local_addr().unwrap()).await.unwrap();
        let mut buffer = [0; 16];
        let (length, _) = plain.recv_from(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..length], b"after");
    }

    #[tokio::test]
    async fn what_comes_over_a_cut_link_is_not_seen() {
        let (impaired, plain, switch) = pair().await;
        let to = impaired.local_addr().unwrap();
        switch.send_replace(Impairment::Cut);
        plain.send_to(b"lost", to).await.unwrap();
        let mut buffer = [0; 16];
        let nothing = std::future::poll_fn(|cx| {
            let mut meta = [RecvMeta::default()];
            Poll::Ready(
                impaired
                    .poll_recv(cx, &mut [IoSliceMut::new(&mut buffer)], &mut meta)
                    .is_pending(),
            )
        });
        impaired.socket.readable().await.unwrap();
        assert!(nothing.await);
        switch.send_replace(Impairment::None);
        plain.send_to(b"after", to).await.unwrap();
        let (length, from) = impaired.recv_from(&mut buffer).await.unwrap();
        assert_eq!((&buffer[..length], from), (&b"after"[..], plain.local_addr().unwrap()));
    }

    #[tokio::test]
    async fn a_lossy_way_up_loses_about_its_share_and_the_way_down_nothing() {
        let (impaired, plain, switch) = pair().await;
        let (here, there) = (impaired.local_addr().unwrap(), plain.local_addr().unwrap());
        let loss = Loss::Even(50.0);
        switch.send_replace(up(Way { loss, ..Way::default() }));
        let mut buffer = [0; 16];
        for _ in 0..200 {
            impaired.send_to(b"x", there).await.unwrap();
            plain.send_to(b"y", here).await.unwrap();
            assert_eq!(impaired.recv_from(&mut buffer).await.unwrap().0, 1);
        }
        switch.send_replace(Impairment::None);
        impaired.send_to(b"end", there).await.unwrap();
        let mut came = 0;
        while plain.recv_from(&mut buffer).await.unwrap().0 == 1 {
            came += 1;
        }
        assert!((50..150).contains(&came), "{came} of 200 came through 50 %");
    }

    #[tokio::test]
    async fn a_long_way_holds_back_both_ways_and_keeps_the_order_when_it_becomes_short() {
        let (impaired, plain, switch) = pair().await;
        let (here, there) = (impaired.local_addr().unwrap(), plain.local_addr().unwrap());
        let delay = Duration::from_millis(80);
        let way = Way {
            delay,
            ..Way::default()
        };
        let mut buffer = [0; 16];
        switch.send_replace(up(way));
        let sent = Instant::now();
        impaired.send_to(b"slow", there).await.unwrap();
        switch.send_replace(down(way));
        impaired.send_to(b"quick", there).await.unwrap();
        let (length, _) = plain.recv_from(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..length], b"slow");
        assert!(sent.elapsed() >= delay, "{:?}", sent.elapsed());
        let (length, _) = plain.recv_from(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..length], b"quick");

        let sent = Instant::now();
        plain.send_to(b"down", here).await.unwrap();
        let (length, _) = impaired.recv_from(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..length], b"down");
        assert!(sent.elapsed() >= delay, "{:?}", sent.elapsed());
    }
}
