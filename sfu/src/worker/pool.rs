//! Several workers on neighbouring ports. A room lives on one of them.

use super::tcp::Arrival;
use super::{Load, Overloaded, Worker, WorkerConfig};
use crate::ice;
use crate::relay::Counters;
use crate::{Command, Event};
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU8;

/// Workers of one program. More than any machine that a municipality has needs; the number fits one letter of a ufrag.
pub const MAX_WORKERS: u8 = 64;

/// The workers of this program.
pub struct Pool {
    workers: Vec<Worker>,
}

/// One worker of a pool, by its number from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place(u8);

/// No worker takes the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no worker takes the connection: its first datagram is no check for one of ours, or the relay is overloaded")]
pub struct NoWorker;

impl Pool {
    /// Starts `count` workers, at most [`MAX_WORKERS`]: the n-th on the configured port + n (port 0: each on any) and,
    /// if pinned, on the configured core + n. `on_event` is called on their threads and must not block.
    ///
    /// # Errors
    /// As [`Worker::spawn`], or when there are not so many ports.
    pub fn spawn(
        config: &WorkerConfig,
        count: NonZeroU8,
        on_event: impl FnMut(Event) + Clone + Send + 'static,
    ) -> io::Result<Self> {
        let workers = (0..count.get().min(MAX_WORKERS))
            .map(|number| Worker::spawn(&numbered(config, number)?, on_event.clone()))
            .collect::<io::Result<_>>()?;
        Ok(Self { workers })
    }

    /// Every worker.
    pub fn places(&self) -> impl Iterator<Item = Place> + use<> {
        (0..self.workers.len() as u8).map(Place)
    }

    /// The worker for a new room: the one with most time left, in steps of a tenth; among equals the one with fewest
    /// peers. Whether it takes the room it says itself.
    #[must_use]
    pub fn least_loaded(&self) -> Place {
        let loads = self.workers.iter().map(Worker::load);
        least(loads)
    }

    /// Puts an order into a worker's mailbox; never blocks.
    ///
    /// # Errors
    /// When the mailbox is full; the command is dropped.
    pub fn send(&self, place: Place, command: Command) -> Result<(), Overloaded> {
        self.worker(place).ok_or(Overloaded)?.send(command)
    }

    /// Asks a worker for its totals; `reply` is called on its thread and must not block.
    ///
    /// # Errors
    /// When the mailbox is full; `reply` is not called.
    pub fn count(&self, place: Place, reply: impl FnOnce(Counters) + Send + 'static) -> Result<(), Overloaded> {
        self.worker(place).ok_or(Overloaded)?.count(reply)
    }

    /// Hands a TCP connection to the worker that the user name of its first datagram names; never blocks.
    ///
    /// # Errors
    /// When there is no such worker or its mailbox is full; the connection is closed.
    pub fn accept(&self, arrival: Arrival) -> Result<(), NoWorker> {
        let number = ice::local_ufrag(&arrival.first)
            .and_then(ice::worker_of)
            .ok_or(NoWorker)?;
        let worker = self.worker(Place(number)).ok_or(NoWorker)?;
        worker.accept(arrival).map_err(|_| NoWorker)
    }

    /// How much a worker has to do.
    #[must_use]
    pub fn load(&self, place: Place) -> Option<Load> {
        self.worker(place).map(Worker::load)
    }

    /// The UDP address a worker has bound.
    #[must_use]
    pub fn local_addr(&self, place: Place) -> Option<SocketAddr> {
        self.worker(place).map(Worker::local_addr)
    }

    fn worker(&self, Place(number): Place) -> Option<&Worker> {
        self.workers.get(usize::from(number))
    }
}

fn numbered(config: &WorkerConfig, number: u8) -> io::Result<WorkerConfig> {
    let mut config = config.clone();
    config.number = number;
    let port = config.bind.port();
    if port != 0 {
        let no_port = || {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "there are not so many ports above the first",
            )
        };
        config
            .bind
            .set_port(port.checked_add(u16::from(number)).ok_or_else(no_port)?);
    }
    config.core = config.core.map(|core| core + usize::from(number));
    Ok(config)
}

fn least(loads: impl Iterator<Item = Load>) -> Place {
    let rough = |load: Load| (load.busy / 100, load.peers);
    (0..)
        .map(Place)
        .zip(loads)
        .min_by_key(|(_, load)| rough(*load))
        .map(|(place, _)| place)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_goes_where_most_time_is_left_and_then_where_fewest_are() {
        let least = |loads: &[(u16, u16)]| least(loads.iter().map(|&(busy, peers)| Load { busy, peers }));
        assert_eq!(least(&[(0, 0), (0, 0)]), Place(0));
        assert_eq!(least(&[(450, 2), (120, 90), (310, 1)]), Place(1));
        assert_eq!(least(&[(130, 20), (170, 5)]), Place(1), "about the same load");
    }

    #[test]
    fn ports_and_cores_are_neighbours() {
        let config = WorkerConfig {
            bind: SocketAddr::from(([127, 0, 0, 1], 10_000)),
            public_ips: vec![],
            tcp_port: None,
            core: Some(2),
            number: 0,
            h264: true,
        };
        let third = numbered(&config, 2).unwrap();
        assert_eq!((third.bind.port(), third.core), (10_002, Some(4)));
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let any = numbered(
            &WorkerConfig {
                bind: any,
                ..config.clone()
            },
            2,
        )
        .unwrap();
        assert_eq!(any.bind.port(), 0);
        let last = SocketAddr::from(([127, 0, 0, 1], 65_535));
        assert!(numbered(&WorkerConfig { bind: last, ..config }, 1).is_err());
    }
}
