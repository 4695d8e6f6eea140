//! A participant's socket: many datagrams a call, each with the instant at which the kernel received it.

use super::machine;
use std::io;
use std::mem;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};
use std::ptr;
use std::time::Duration;

/// Datagrams taken with one call.
const BATCH: usize = 64;
const MAX_DATAGRAM: usize = 2048;
/// 40 people at 600 kbit/s for a second: the benchmark must not lose what the relay delivered.
const BUFFER: usize = 8 * 1024 * 1024;

/// A time stamp's control message and its header, aligned as the kernel asks.
#[repr(align(8))]
#[derive(Clone, Copy)]
struct Control([u8; 64]);

/// Room for one batch; shared by all sockets.
pub(super) struct Inbox {
    buffers: Vec<[u8; MAX_DATAGRAM]>,
    controls: [Control; BATCH],
}

/// Binds a socket on loopback that stamps what it receives.
pub(super) fn bind() -> io::Result<UdpSocket> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None)?;
    socket.set_nonblocking(true)?;
    socket.set_recv_buffer_size(BUFFER)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    let on: libc::c_int = 1;
    // SAFETY: the option's value is a whole int that outlives the call.
    #[allow(unsafe_code)]
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_TIMESTAMPNS,
            (&raw const on).cast(),
            mem::size_of_val(&on) as libc::socklen_t,
        )
    };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(socket.into())
}

/// The places of those among `sockets` from which something can be read at once. Nobody waits on the sockets, so
/// that a sender has nobody to wake.
pub(super) fn readable(sockets: impl Iterator<Item = RawFd>) -> io::Result<Vec<usize>> {
    let wanted = |fd| libc::pollfd {
        fd,
        events: libc::POLLIN,
        revents: 0,
    };
    let mut polled: Vec<libc::pollfd> = sockets.map(wanted).collect();
    // SAFETY: the pointer and the count are of one vector that outlives the call.
    #[allow(unsafe_code)]
    let ready = unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, 0) };
    if ready < 0 {
        return Err(io::Error::last_os_error());
    }
    let ready = polled.iter().enumerate().filter(|(_, socket)| socket.revents != 0);
    Ok(ready.map(|(place, _)| place).collect())
}

/// Datagrams that came to a socket which had no room for them, ever.
pub(super) fn dropped(socket: &UdpSocket) -> io::Result<u64> {
    // SK_MEMINFO_DROPS of the nine numbers (include/uapi/linux/sock_diag.h).
    const DROPS: usize = 8;
    let mut memory = [0u32; DROPS + 1];
    let mut length = size_of_val(&memory) as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` bytes into an array of that size.
    #[allow(unsafe_code)]
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_MEMINFO,
            memory.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    if result == 0 {
        Ok(memory[DROPS].into())
    } else {
        Err(io::Error::last_os_error())
    }
}

impl Inbox {
    pub(super) fn new() -> Self {
        Self {
            buffers: vec![[0; MAX_DATAGRAM]; BATCH],
            controls: [Control([0; 64]); BATCH],
        }
    }

    /// Hands over what waits on `socket`, with the wall-clock time of its arrival, until nothing is left.
    pub(super) fn drain(&mut self, socket: &UdpSocket, mut take: impl FnMut(Duration, &mut [u8])) -> io::Result<()> {
        loop {
            let (count, lengths, stamps) = match self.receive(socket) {
                Ok(received) => received,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            for ((buffer, length), stamp) in self.buffers.iter_mut().zip(lengths).zip(stamps).take(count) {
                if let Some(datagram) = buffer.get_mut(..length) {
                    take(stamp, datagram);
                }
            }
            if count < BATCH {
                return Ok(());
            }
        }
    }

    fn receive(&mut self, socket: &UdpSocket) -> io::Result<(usize, [usize; BATCH], [Duration; BATCH])> {
        let mut pieces: [libc::iovec; BATCH] = std::array::from_fn(|n| libc::iovec {
            iov_base: self.buffers[n].as_mut_ptr().cast(),
            iov_len: MAX_DATAGRAM,
        });
        let mut messages: [libc::mmsghdr; BATCH] = std::array::from_fn(|n| {
            // SAFETY: plain memory; null pointers and zero lengths are valid.
            #[allow(unsafe_code)]
            let mut message: libc::mmsghdr = unsafe { mem::zeroed() };
            message.msg_hdr.msg_iov = &raw mut pieces[n];
            message.msg_hdr.msg_iovlen = 1;
            message.msg_hdr.msg_control = self.controls[n].0.as_mut_ptr().cast();
            message.msg_hdr.msg_controllen = self.controls[n].0.len();
            message
        });
        // SAFETY: each header points to one piece, one buffer and one control block, which outlive the call.
        #[allow(unsafe_code)]
        let count = unsafe {
            let (fd, flags) = (socket.as_raw_fd(), libc::MSG_DONTWAIT);
            libc::recvmmsg(fd, messages.as_mut_ptr(), BATCH as libc::c_uint, flags, ptr::null_mut())
        };
        let count = usize::try_from(count).map_err(|_| io::Error::last_os_error())?;
        let lengths = std::array::from_fn(|n| messages[n].msg_len as usize);
        let stamps = std::array::from_fn(|n| {
            if n < count {
                stamp(&messages[n].msg_hdr)
            } else {
                Duration::ZERO
            }
        });
        Ok((count, lengths, stamps))
    }
}

/// The kernel's time stamp of a received message; the present if it gave none.
fn stamp(header: &libc::msghdr) -> Duration {
    // SAFETY: `header` was filled by recvmmsg and its control block is alive; the macros keep within it.
    #[allow(unsafe_code)]
    unsafe {
        let mut message = libc::CMSG_FIRSTHDR(header);
        while !message.is_null() {
            if (*message).cmsg_level == libc::SOL_SOCKET && (*message).cmsg_type == libc::SCM_TIMESTAMPNS {
                return machine::duration(libc::CMSG_DATA(message).cast::<libc::timespec>().read_unaligned());
            }
            message = libc::CMSG_NXTHDR(header, message);
        }
    }
    machine::wall()
}
