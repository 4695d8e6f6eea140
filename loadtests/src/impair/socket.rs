//! A UDP socket that loses what its link loses.

use super::Link;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::task::{Context, Poll};
use tokio::io::ReadBuf;
use tokio::net::UdpSocket;
use webrtc::runtime::{AsyncUdpSocket, RecvMeta, Transmit};

/// Sends and receives one datagram at a time (no GSO, no GRO), so that each meets its own luck.
#[derive(Debug)]
pub(super) struct ImpairedSocket {
    socket: UdpSocket,
    link: Link,
}

impl ImpairedSocket {
    pub(super) fn new(socket: UdpSocket, link: Link) -> Self {
        Self { socket, link }
    }
}

impl AsyncUdpSocket for ImpairedSocket {
    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    fn poll_send(&self, cx: &mut Context<'_>, transmit: &Transmit<'_>) -> Poll<io::Result<usize>> {
        if self.link.loses_next() {
            return Poll::Ready(Ok(transmit.contents.len()));
        }
        self.socket.poll_send_to(cx, transmit.contents, transmit.destination)
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
        loop {
            let mut read = ReadBuf::new(buffer);
            let from = std::task::ready!(self.socket.poll_recv_from(cx, &mut read))?;
            if self.link.loses_next() {
                continue;
            }
            *meta = RecvMeta::default();
            meta.addr = from;
            meta.len = read.filled().len();
            meta.stride = meta.len.max(1);
            return Poll::Ready(Ok(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Impairment;
    use super::*;
    use tokio::sync::watch;

    /// An impaired socket, a plain one, and the switch between fair and foul.
    async fn pair() -> (ImpairedSocket, UdpSocket, watch::Sender<Impairment>) {
        let (switch, impairment) = watch::channel(Impairment::None);
        let impaired = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let plain = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        (ImpairedSocket::new(impaired, Link::new(impairment)), plain, switch)
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
    async fn a_lossy_link_loses_about_its_share() {
        let (impaired, plain, switch) = pair().await;
        switch.send_replace(Impairment::Lossy(50));
        for _ in 0..200 {
            impaired.send_to(b"x", plain.local_addr().unwrap()).await.unwrap();
        }
        switch.send_replace(Impairment::None);
        impaired.send_to(b"end", plain.local_addr().unwrap()).await.unwrap();
        let (mut buffer, mut came) = ([0; 16], 0);
        while plain.recv_from(&mut buffer).await.unwrap().0 == 1 {
            came += 1;
        }
        assert!((50..150).contains(&came), "{came} of 200 came through 50 %");
    }
}
