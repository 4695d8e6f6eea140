//! The UDP socket, many datagrams to a system call: `recvmmsg`, and `sendmmsg` with generic segmentation offload.
//! Linux only, as the product is.

use crate::forward::outbox::Run;
use crate::limits::MAX_DATAGRAM;
use mio::net::UdpSocket;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io;
use std::mem::{self, MaybeUninit};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsRawFd, RawFd};
use std::ptr;

/// Datagrams taken with one call.
const RECEIVE_BATCH: usize = 64;
/// Runs sent with one call.
const SEND_BATCH: usize = 128;
/// Asked of the kernel for each direction: 100 ms of a full council at 1 Gbit/s. It may give less.
pub const SOCKET_BUFFER: usize = 8 * 1024 * 1024;
/// How long to wait for room in the send buffer before the rest of the batch is dropped.
const SEND_PATIENCE_MS: i32 = 2;

/// Binds a UDP socket for a worker.
pub(super) fn bind(address: SocketAddr) -> io::Result<std::net::UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    socket.set_recv_buffer_size(SOCKET_BUFFER)?;
    socket.set_send_buffer_size(SOCKET_BUFFER)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// Pins the calling thread to a core.
pub(super) fn pin_to_core(core: usize) -> io::Result<()> {
    if core >= libc::CPU_SETSIZE as usize {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "no such core"));
    }
    // SAFETY: the set is plain memory for which zero is valid, `core` is within it, and 0 names the calling thread.
    #[allow(unsafe_code)]
    let result = unsafe {
        let mut set: libc::cpu_set_t = mem::zeroed();
        libc::CPU_SET(core, &mut set);
        libc::sched_setaffinity(0, mem::size_of_val(&set), &raw const set)
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Buffers for one batch of datagrams.
pub(super) struct Inbox {
    buffers: Vec<[u8; MAX_DATAGRAM]>,
    senders: Vec<libc::sockaddr_storage>,
    lengths: Vec<usize>,
    taken: usize,
}

/// What a call brought.
pub(super) struct Taken {
    /// The batch is full: more may wait.
    pub(super) full: bool,
}

impl Inbox {
    pub(super) fn new() -> Self {
        Self {
            buffers: vec![[0; MAX_DATAGRAM]; RECEIVE_BATCH],
            senders: vec![empty_address(); RECEIVE_BATCH],
            lengths: vec![0; RECEIVE_BATCH],
            taken: 0,
        }
    }

    /// Takes what waits, at most a batch.
    pub(super) fn receive(&mut self, socket: &UdpSocket) -> io::Result<Taken> {
        self.taken = 0;
        let count = socket.try_io(|| self.receive_batch(socket.as_raw_fd()))?;
        self.taken = count;
        Ok(Taken {
            full: count == RECEIVE_BATCH,
        })
    }

    fn receive_batch(&mut self, fd: RawFd) -> io::Result<usize> {
        let mut pieces: [libc::iovec; RECEIVE_BATCH] = std::array::from_fn(|n| libc::iovec {
            iov_base: self.buffers[n].as_mut_ptr().cast(),
            iov_len: MAX_DATAGRAM,
        });
        let mut messages: [libc::mmsghdr; RECEIVE_BATCH] = std::array::from_fn(|n| {
            let mut message = empty_message();
            message.msg_hdr.msg_name = (&raw mut self.senders[n]).cast();
            message.msg_hdr.msg_namelen = mem::size_of::<libc::sockaddr_storage>() as libc::socklen_t;
            message.msg_hdr.msg_iov = &raw mut pieces[n];
            message.msg_hdr.msg_iovlen = 1;
            message
        });
        // SAFETY: each header points to one buffer and one address of this batch, which outlive the call.
        #[allow(unsafe_code)]
        let count = unsafe {
            libc::recvmmsg(
                fd,
                messages.as_mut_ptr(),
                RECEIVE_BATCH as libc::c_uint,
                libc::MSG_DONTWAIT,
                ptr::null_mut(),
            )
        };
        let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
        for (n, message) in messages.iter().enumerate().take(count) {
            // A datagram longer than the buffer is none of ours: it gets length 0 and is dropped as strange.
            let cut = message.msg_hdr.msg_flags & libc::MSG_TRUNC != 0;
            self.lengths[n] = if cut {
                0
            } else {
                (message.msg_len as usize).min(MAX_DATAGRAM)
            };
        }
        Ok(count)
    }

    /// The datagrams of the last call with their senders (IPv4 as IPv4, also on an IPv6 socket).
    pub(super) fn datagrams(&mut self) -> impl Iterator<Item = (SocketAddr, &mut [u8])> {
        let taken = self.taken;
        self.buffers
            .iter_mut()
            .zip(&self.senders)
            .zip(&self.lengths)
            .take(taken)
            .filter_map(|((buffer, sender), length)| {
                let from = address(sender)?;
                Some((from, buffer.get_mut(..*length)?))
            })
    }
}

fn empty_address() -> libc::sockaddr_storage {
    // SAFETY: plain memory; zero is family AF_UNSPEC.
    #[allow(unsafe_code)]
    unsafe {
        MaybeUninit::zeroed().assume_init()
    }
}

fn empty_message() -> libc::mmsghdr {
    // SAFETY: plain memory; null pointers and zero lengths are valid.
    #[allow(unsafe_code)]
    unsafe {
        MaybeUninit::zeroed().assume_init()
    }
}

fn address(storage: &libc::sockaddr_storage) -> Option<SocketAddr> {
    let len = mem::size_of::<libc::sockaddr_storage>() as libc::socklen_t;
    // SAFETY: sockaddr_storage and socket2's storage are the same memory layout, filled in by the kernel.
    #[allow(unsafe_code)]
    let address = unsafe { SockAddr::new(mem::transmute_copy(storage), len) };
    let address = address.as_socket()?;
    Some(SocketAddr::new(address.ip().to_canonical(), address.port()))
}

/// Sends runs of datagrams, each to its address.
pub(super) struct Postman {
    ipv6: bool,
    /// Whether the kernel cuts runs (UDP_SEGMENT); switched off when the network card refuses it.
    segmentation: bool,
    dropped: u64,
    /// Memory for the letters of a batch; empty between two calls.
    letters: Vec<Letter<'static>>,
}

/// One run with its address, as the kernel reads them.
struct Letter<'a> {
    address: SockAddr,
    run: Run<'a>,
}

/// Room for one control message with a `u16`.
#[repr(C, align(8))]
#[derive(Clone, Copy)]
struct Control([u8; 32]);

impl Postman {
    pub(super) fn new(socket: &std::net::UdpSocket) -> io::Result<Self> {
        Ok(Self {
            ipv6: socket.local_addr()?.is_ipv6(),
            segmentation: true,
            dropped: 0,
            letters: Vec::with_capacity(SEND_BATCH),
        })
    }

    /// Sends everything; returns how many datagrams the system did not take.
    pub(super) fn deliver<'a>(&mut self, socket: &UdpSocket, runs: impl Iterator<Item = (SocketAddr, Run<'a>)>) -> u64 {
        let before = self.dropped;
        let mut letters = emptied(mem::take(&mut self.letters));
        for (to, run) in runs {
            let address = SockAddr::from(self.on_this_socket(to));
            if self.segmentation || run.segments == 1 {
                letters.push(Letter { address, run });
            } else {
                letters.extend(run.bytes.chunks(run.size).map(|datagram| Letter {
                    address: address.clone(),
                    run: Run::one(datagram),
                }));
            }
            if letters.len() >= SEND_BATCH {
                self.send(socket.as_raw_fd(), &letters);
                letters.clear();
            }
        }
        self.send(socket.as_raw_fd(), &letters);
        self.letters = emptied(letters);
        self.dropped - before
    }

    /// An IPv6 socket sends to IPv4 addresses in their mapped form.
    fn on_this_socket(&self, to: SocketAddr) -> SocketAddr {
        match to.ip() {
            IpAddr::V4(ip) if self.ipv6 => SocketAddr::new(ip.to_ipv6_mapped().into(), to.port()),
            _ => to,
        }
    }

    fn send(&mut self, fd: RawFd, mut letters: &[Letter<'_>]) {
        while !letters.is_empty() {
            let batch = &letters[..letters.len().min(SEND_BATCH)];
            match send_batch(fd, batch) {
                Ok(sent) => letters = &letters[sent..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if !writable(fd) {
                        self.drop_letters(letters, &error);
                        return;
                    }
                }
                Err(error) if self.segmentation && letters[0].run.segments > 1 && refuses_segmentation(&error) => {
                    tracing::info!(%error, "segmentation offload is not available here; sending datagrams one by one");
                    self.segmentation = false;
                    self.send_one_by_one(fd, &letters[0]);
                    letters = &letters[1..];
                }
                Err(error) => {
                    // The first one's address cannot be reached; the others are not its fault.
                    self.drop_letters(&letters[..1], &error);
                    letters = &letters[1..];
                }
            }
        }
    }

    fn send_one_by_one(&mut self, fd: RawFd, letter: &Letter<'_>) {
        let singles: Vec<Letter<'_>> = letter
            .run
            .bytes
            .chunks(letter.run.size)
            .map(|datagram| Letter {
                address: letter.address.clone(),
                run: Run::one(datagram),
            })
            .collect();
        self.send(fd, &singles);
    }

    fn drop_letters(&mut self, letters: &[Letter<'_>], error: &io::Error) {
        let datagrams: usize = letters.iter().map(|letter| letter.run.segments).sum();
        self.dropped += datagrams as u64;
        tracing::debug!(datagrams, total = self.dropped, %error, "not sent");
    }
}

/// The same memory without the letters, for letters that borrow from something else: collecting in place keeps it.
fn emptied<'a>(mut letters: Vec<Letter<'_>>) -> Vec<Letter<'a>> {
    letters.clear();
    letters.into_iter().map_while(|_| None).collect()
}

fn refuses_segmentation(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EIO | libc::EINVAL | libc::EOPNOTSUPP))
}

fn writable(fd: RawFd) -> bool {
    let mut wanted = libc::pollfd {
        fd,
        events: libc::POLLOUT,
        revents: 0,
    };
    // SAFETY: one valid pollfd.
    #[allow(unsafe_code)]
    let ready = unsafe { libc::poll(&raw mut wanted, 1, SEND_PATIENCE_MS) };
    ready == 1
}

fn send_batch(fd: RawFd, letters: &[Letter<'_>]) -> io::Result<usize> {
    let mut pieces = [libc::iovec {
        iov_base: ptr::null_mut(),
        iov_len: 0,
    }; SEND_BATCH];
    let mut controls = [Control([0; 32]); SEND_BATCH];
    let mut messages = [empty_message(); SEND_BATCH];
    let count = letters.len().min(SEND_BATCH);
    for (n, letter) in letters.iter().enumerate().take(count) {
        pieces[n] = libc::iovec {
            iov_base: letter.run.bytes.as_ptr().cast_mut().cast(),
            iov_len: letter.run.bytes.len(),
        };
        let header = &mut messages[n].msg_hdr;
        header.msg_name = letter.address.as_ptr().cast_mut().cast();
        header.msg_namelen = letter.address.len();
        header.msg_iov = &raw mut pieces[n];
        header.msg_iovlen = 1;
        if letter.run.segments > 1 {
            segment(header, &mut controls[n], letter.run.size);
        }
    }
    // SAFETY: the headers point into `pieces`, `controls` and `letters`, which outlive the call; the kernel only reads.
    #[allow(unsafe_code)]
    let sent = unsafe { libc::sendmmsg(fd, messages.as_mut_ptr(), count as libc::c_uint, libc::MSG_DONTWAIT) };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// Tells the kernel to cut the run into datagrams of `size` (udp(7), UDP_SEGMENT).
fn segment(header: &mut libc::msghdr, control: &mut Control, size: usize) {
    header.msg_control = control.0.as_mut_ptr().cast();
    // SAFETY: `control` is aligned and larger than one control message with a u16.
    #[allow(unsafe_code)]
    unsafe {
        header.msg_controllen = libc::CMSG_SPACE(mem::size_of::<u16>() as u32) as _;
        let message = libc::CMSG_FIRSTHDR(header);
        (*message).cmsg_level = libc::SOL_UDP;
        (*message).cmsg_type = libc::UDP_SEGMENT;
        (*message).cmsg_len = libc::CMSG_LEN(mem::size_of::<u16>() as u32) as _;
        ptr::write_unaligned(libc::CMSG_DATA(message).cast::<u16>(), size as u16);
    }
}
