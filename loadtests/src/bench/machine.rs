//! Cores, clocks and memory as the kernel gives them.

use std::io;
use std::mem::{self, MaybeUninit};
use std::sync::OnceLock;
use std::time::Duration;

/// The cores this process might run on when it began: before it kept to one of them with [`pin`].
pub(super) fn all_cores() -> io::Result<Vec<usize>> {
    static AT_FIRST: OnceLock<Vec<usize>> = OnceLock::new();
    if let Some(cores) = AT_FIRST.get() {
        return Ok(cores.clone());
    }
    let cores = cores()?;
    Ok(AT_FIRST.get_or_init(|| cores).clone())
}

/// The cores the calling thread may run on.
fn cores() -> io::Result<Vec<usize>> {
    // SAFETY: the set is plain memory for which zero is valid, and 0 names the calling thread.
    #[allow(unsafe_code)]
    let set = unsafe {
        let mut set: libc::cpu_set_t = mem::zeroed();
        if libc::sched_getaffinity(0, mem::size_of_val(&set), &raw mut set) != 0 {
            return Err(io::Error::last_os_error());
        }
        set
    };
    let allowed = |core: &usize| {
        // SAFETY: the range below keeps `core` within the set.
        #[allow(unsafe_code)]
        unsafe {
            libc::CPU_ISSET(*core, &set)
        }
    };
    Ok((0..libc::CPU_SETSIZE as usize).filter(allowed).collect())
}

/// Keeps the calling thread, and those it starts, on `core` (one of [`all_cores`]).
pub(super) fn pin(core: usize) -> io::Result<()> {
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

/// CPU time of all threads of this process.
pub(super) fn process_cpu() -> Duration {
    clock(libc::CLOCK_PROCESS_CPUTIME_ID)
}

/// CPU time of the calling thread.
pub(super) fn thread_cpu() -> Duration {
    clock(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// Wall clock, comparable with the kernel's receive time stamps.
pub(super) fn wall() -> Duration {
    clock(libc::CLOCK_REALTIME)
}

fn clock(id: libc::clockid_t) -> Duration {
    let mut time = MaybeUninit::<libc::timespec>::zeroed();
    // SAFETY: the kernel writes a timespec, and zero is a valid one should it refuse.
    #[allow(unsafe_code)]
    let time = unsafe {
        libc::clock_gettime(id, time.as_mut_ptr());
        time.assume_init()
    };
    duration(time)
}

pub(super) fn duration(time: libc::timespec) -> Duration {
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

/// Resident memory of this process.
pub(super) fn resident_bytes() -> io::Result<u64> {
    let text = std::fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = text
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .ok_or(io::ErrorKind::InvalidData)?;
    // SAFETY: asks for a constant of the system.
    #[allow(unsafe_code)]
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    Ok(pages * u64::try_from(page).unwrap_or(4096))
}
