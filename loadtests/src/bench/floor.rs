//! The bare loop that the relay is compared with: seal a packet for each receiver with AES-128-GCM, and send. Nothing
//! is received, looked up or rewritten.

use super::machine::{pin, thread_cpu};
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use socket2::SockAddr;
use std::io;
use std::mem;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// CPU time spent on measuring, at most, and time.
const BUDGET: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(4);
/// RTP header with an extension.
const HEADER: usize = 20;
/// Messages of one system call.
const BATCH: usize = 128;
/// Segments the kernel takes in one message (UDP_MAX_SEGMENTS of older kernels).
const MAX_RUN: usize = 64;

/// One receiver: its key, and the packets for it.
struct Receiver {
    key: LessSafeKey,
    address: SockAddr,
    packets: Vec<u8>,
}

/// Room for one UDP_SEGMENT control message, aligned as the kernel asks.
#[repr(align(8))]
#[derive(Clone, Copy)]
struct Control([u8; 32]);

/// What is sent.
#[derive(Clone, Copy)]
pub(super) struct Load {
    /// To how many sockets.
    pub(super) receivers: usize,
    /// Bytes of each packet.
    pub(super) packet_bytes: usize,
    /// Packets for the same receiver that go together (GSO).
    pub(super) run: usize,
    /// From one batch for all receivers to the next; zero: without a pause, all that the core can do.
    pub(super) every: Duration,
}

/// CPU nanoseconds of one packet. The receiving sockets are emptied on `drain_core`, as clients would.
pub(super) fn measure(load: Load, drain_core: usize) -> io::Result<f64> {
    let sockets = (0..load.receivers.max(1))
        .map(|_| UdpSocket::bind("127.0.0.1:0"))
        .collect::<io::Result<Vec<_>>>()?;
    let receivers = sockets.iter().map(Receiver::new).collect::<io::Result<Vec<_>>>()?;
    sockets.iter().try_for_each(|socket| socket.set_nonblocking(true))?;
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| drain(&sockets, drain_core, &done));
        let measured = seal_and_send(receivers, load);
        done.store(true, Ordering::Relaxed);
        measured
    })
}

fn drain(sockets: &[UdpSocket], core: usize, done: &AtomicBool) {
    if let Err(error) = pin(core) {
        tracing::warn!(core, %error, "the receivers of the floor share the sender's core");
    }
    let mut buffer = [0; 2048];
    while !done.load(Ordering::Relaxed) {
        for socket in sockets {
            while socket.recv(&mut buffer).is_ok() {}
        }
    }
}

fn seal_and_send(mut receivers: Vec<Receiver>, load: Load) -> io::Result<f64> {
    let run = load.run.clamp(1, MAX_RUN);
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let payload = vec![0x5a; load.packet_bytes.saturating_sub(HEADER).max(1)];
    let (start, mut packets, mut nonce) = (thread_cpu(), 0u64, 0u64);
    let began = Instant::now();
    let mut next = began;
    while thread_cpu() - start < BUDGET && began.elapsed() < LONGEST {
        next += load.every;
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
        for receiver in &mut receivers {
            receiver.packets.clear();
            for _ in 0..run {
                nonce += 1;
                receiver.seal(&payload, nonce)?;
            }
        }
        for batch in receivers.chunks(BATCH) {
            send(&socket, batch, run)?;
        }
        packets += (receivers.len() * run) as u64;
    }
    Ok((thread_cpu() - start).as_nanos() as f64 / packets as f64)
}

impl Receiver {
    fn new(socket: &UdpSocket) -> io::Result<Self> {
        let key: [u8; 16] = rand::random();
        let key = UnboundKey::new(&AES_128_GCM, &key).map_err(io::Error::other)?;
        let address = SockAddr::from(socket.local_addr()?);
        Ok(Self {
            key: LessSafeKey::new(key),
            address,
            packets: Vec::new(),
        })
    }

    fn seal(&mut self, payload: &[u8], nonce: u64) -> io::Result<()> {
        let start = self.packets.len();
        let header = [0x90u8; HEADER];
        self.packets.extend_from_slice(&header);
        self.packets.extend_from_slice(payload);
        let mut bytes = [0; 12];
        bytes[4..].copy_from_slice(&nonce.to_be_bytes());
        let nonce = Nonce::assume_unique_for_key(bytes);
        let sealed = &mut self.packets[start + HEADER..];
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce, Aad::from(header), sealed)
            .map_err(io::Error::other)?;
        self.packets.extend_from_slice(tag.as_ref());
        Ok(())
    }
}

fn send(socket: &UdpSocket, receivers: &[Receiver], run: usize) -> io::Result<()> {
    let mut pieces: Vec<libc::iovec> = Vec::with_capacity(receivers.len());
    let mut controls = vec![Control([0; 32]); receivers.len()];
    let mut messages: Vec<libc::mmsghdr> = Vec::with_capacity(receivers.len());
    for receiver in receivers {
        let (base, length) = (receiver.packets.as_ptr().cast_mut().cast(), receiver.packets.len());
        pieces.push(libc::iovec {
            iov_base: base,
            iov_len: length,
        });
    }
    for ((receiver, piece), control) in receivers.iter().zip(&mut pieces).zip(&mut controls) {
        // SAFETY: plain memory; null pointers and zero lengths are valid.
        #[allow(unsafe_code)]
        let mut message: libc::mmsghdr = unsafe { mem::zeroed() };
        message.msg_hdr.msg_name = receiver.address.as_ptr().cast_mut().cast();
        message.msg_hdr.msg_namelen = receiver.address.len();
        message.msg_hdr.msg_iov = piece;
        message.msg_hdr.msg_iovlen = 1;
        if run > 1 {
            segment(&mut message.msg_hdr, control, receiver.packets.len() / run);
        }
        messages.push(message);
    }
    // SAFETY: the headers point into `pieces`, `controls` and `receivers`, which outlive the call; it only reads.
    #[allow(unsafe_code)]
    let sent = unsafe {
        libc::sendmmsg(
            socket.as_raw_fd(),
            messages.as_mut_ptr(),
            messages.len() as libc::c_uint,
            0,
        )
    };
    if sent < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// Asks the kernel to cut the message into datagrams of `size` bytes (GSO).
fn segment(header: &mut libc::msghdr, control: &mut Control, size: usize) {
    header.msg_control = control.0.as_mut_ptr().cast();
    // SAFETY: `control` is aligned and larger than the space of one control message with 16 bits.
    #[allow(unsafe_code)]
    unsafe {
        header.msg_controllen = libc::CMSG_SPACE(mem::size_of::<u16>() as libc::c_uint) as usize;
        let message = libc::CMSG_FIRSTHDR(header);
        (*message).cmsg_level = libc::SOL_UDP;
        (*message).cmsg_type = libc::UDP_SEGMENT;
        (*message).cmsg_len = libc::CMSG_LEN(mem::size_of::<u16>() as libc::c_uint) as usize;
        let value: *mut u16 = libc::CMSG_DATA(message).cast();
        value.write_unaligned(u16::try_from(size).unwrap_or(u16::MAX));
    }
}
