//! What processes and the machine take, from /proc (proc(5)).

use serde::{Deserialize, Serialize};
use std::time::Instant;

/// The kernel counts CPU time in hundredths of a second (`USER_HZ`) on every architecture that Lika runs on.
const TICKS_PER_SECOND: f64 = 100.0;

/// What a process has taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Taken {
    /// Seconds of CPU since it began.
    pub cpu_s: f64,
    /// Bytes of memory now (resident).
    pub memory: u64,
    /// Files and sockets open now; `None`: it may not be looked at.
    pub descriptors: Option<u64>,
}

/// What a process has taken; `None`: there is no such process.
#[must_use]
pub fn process(pid: u32) -> Option<Taken> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    Some(Taken {
        cpu_s: cpu_s(&stat)?,
        memory: resident(&status)?,
        descriptors: std::fs::read_dir(format!("/proc/{pid}/fd"))
            .ok()
            .map(|open| open.count() as u64),
    })
}

/// Fields 14 and 15, `utime` and `stime`. The name before them may have blanks and brackets.
fn cpu_s(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS_PER_SECOND)
}

fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// How busy this machine is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Busy {
    /// Share of all its cores, 0 to 1.
    pub share: f64,
    /// How many cores it has.
    pub cores: f64,
    /// Cores that this program uses.
    pub own: f64,
    /// Share of its memory that is left, 0 to 1.
    pub memory_left: f64,
}

/// Measures between two calls.
#[derive(Clone, Debug)]
pub struct Meter {
    at: Instant,
    own_cpu_s: f64,
    ticks: Ticks,
}

/// `/proc/stat`: hundredths of seconds of all cores together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Ticks {
    idle: f64,
    all: f64,
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            at: Instant::now(),
            own_cpu_s: own_cpu_s(),
            ticks: ticks(),
        }
    }
}

impl Meter {
    /// How busy it has been since the last call.
    pub fn take(&mut self) -> Busy {
        let now = Self::default();
        let all = now.ticks.all - self.ticks.all;
        let seconds = now.at.duration_since(self.at).as_secs_f64().max(f64::EPSILON);
        let busy = Busy {
            share: if all > 0.0 {
                1.0 - (now.ticks.idle - self.ticks.idle) / all
            } else {
                0.0
            },
            cores: std::thread::available_parallelism().map_or(1.0, |cores| cores.get() as f64),
            own: (now.own_cpu_s - self.own_cpu_s) / seconds,
            memory_left: memory_left(&std::fs::read_to_string("/proc/meminfo").unwrap_or_default()).unwrap_or(1.0),
        };
        *self = now;
        busy
    }
}

fn own_cpu_s() -> f64 {
    process(std::process::id()).map_or(0.0, |taken| taken.cpu_s)
}

fn ticks() -> Ticks {
    parse_ticks(&std::fs::read_to_string("/proc/stat").unwrap_or_default()).unwrap_or_default()
}

/// `cpu user nice system idle iowait irq softirq steal`: what another virtual machine stole is busy, too.
fn parse_ticks(stat: &str) -> Option<Ticks> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let counts: Vec<f64> = line
        .split_ascii_whitespace()
        .take(8)
        .filter_map(|n| n.parse().ok())
        .collect();
    let idle = counts.get(3)? + counts.get(4)?;
    Some(Ticks {
        idle,
        all: counts.iter().sum(),
    })
}

fn memory_left(meminfo: &str) -> Option<f64> {
    let kib = |key: &str| -> Option<f64> {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(key))?;
        line.trim().strip_suffix(" kB")?.parse().ok()
    };
    Some(kib("MemAvailable:")? / kib("MemTotal:")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_tells_is_read() {
        let stat = "42 (a (bad) name) S 1 42 42 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 1 0 5 6 7";
        assert_eq!(cpu_s(stat), Some(3.0));
        assert_eq!(resident("Name:\tx\nVmRSS:\t    2048 kB\n"), Some(2 * 1024 * 1024));
        let ticks = parse_ticks("cpu  10 0 10 70 10 0 0 0 0 0\ncpu0 1\n").unwrap();
        assert_eq!((ticks.idle, ticks.all), (80.0, 100.0));
        assert_eq!(memory_left("MemTotal:  1000 kB\nMemAvailable:   250 kB\n"), Some(0.25));
        assert_eq!((cpu_s("?"), parse_ticks(""), memory_left("")), (None, None, None));
    }

    #[test]
    fn this_process_has_taken_something() {
        let own = process(std::process::id()).unwrap();
        assert!(own.memory > 0 && own.descriptors > Some(2), "{own:?}");
        let busy = Meter::default().take();
        assert!(busy.cores >= 1.0 && (0.0..=1.0).contains(&busy.memory_left));
        assert!(process(u32::MAX).is_none());
    }
}
