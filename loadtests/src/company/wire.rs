//! How a company is spoken to from another machine: one JSON object a line.

use crate::impair::{Impairment, Network};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// The longest line: a second of 256 delegates is about 50 KiB.
pub const MAX_LINE: u64 = 256 * 1024;
/// The largest meeting that is simulated: a council of the largest municipality has 101 members.
pub const MOST_PEOPLE: u16 = 128;

/// What all delegates of a company have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The server, `https://host:port`.
    pub server: String,
    /// People in the whole meeting.
    pub people: u16,
    /// The network that delegates sit behind; `None`: as good as the machine's own.
    pub network: Option<Network>,
    /// How many of them do, counted from delegate 2; the chair does not.
    pub behind: usize,
    /// Whether pictures are as heavy as the page sends them at most.
    pub full_pictures: bool,
}

/// What cannot be simulated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// Too many, or nobody.
    #[error("a meeting has 1 to {MOST_PEOPLE} people, not {0}")]
    People(u16),
    /// More behind the network than there are.
    #[error("{0} of {1} people cannot be behind a network")]
    Behind(usize, u16),
}

impl Setting {
    /// Whether it can be simulated.
    ///
    /// # Errors
    /// [`SettingError`].
    pub fn check(&self) -> Result<(), SettingError> {
        if !(1..=MOST_PEOPLE).contains(&self.people) {
            return Err(SettingError::People(self.people));
        }
        if self.behind > usize::from(self.people) {
            return Err(SettingError::Behind(self.behind, self.people));
        }
        Ok(())
    }

    /// Whether there is such a delegate.
    #[must_use]
    pub fn has(&self, number: usize) -> bool {
        (1..=usize::from(self.people)).contains(&number)
    }

    /// What is wrong with a delegate's line.
    #[must_use]
    pub fn impairment(&self, number: usize) -> Impairment {
        self.network_of(number).map_or(Impairment::None, Network::impairment)
    }

    /// Whether no UDP comes through to a delegate.
    #[must_use]
    pub fn blocks_udp(&self, number: usize) -> bool {
        self.network_of(number).is_some_and(Network::blocks_udp)
    }

    fn network_of(&self, number: usize) -> Option<Network> {
        // The chair is the last to be put behind it.
        let everybody = self.behind == usize::from(self.people);
        self.network
            .filter(|_| everybody || (2..=self.behind + 1).contains(&number))
    }
}

/// A line, with its end.
///
/// # Errors
/// Never for what is spoken here; `serde_json`'s own.
pub fn encode(message: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    Ok(line)
}

/// The next line; `None`: the other side has closed.
///
/// # Errors
/// When the line is too long or is not what is expected.
pub async fn read_line<T: DeserializeOwned>(read: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<T>> {
    match read_bytes(read).await? {
        Some(line) => Ok(Some(serde_json::from_slice(&line)?)),
        None => Ok(None),
    }
}

/// The next line, with its end, whatever is in it.
///
/// # Errors
/// When it is too long.
pub(crate) async fn read_bytes(read: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let length = read.take(MAX_LINE).read_until(b'\n', &mut line).await?;
    if length == 0 {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "a line is too long or cut short",
        ));
    }
    Ok(Some(line))
}

#[cfg(test)]
mod tests {
    use super::super::Order;
    use super::*;
    use lika::meeting::Command;
    use tokio::io::BufReader;

    #[tokio::test]
    async fn lines_go_and_come_and_are_bounded() {
        let order = Order::Press {
            number: 7,
            command: Command::RequestFloor {},
        };
        let line = encode(&order).unwrap();
        let mut read = BufReader::new(&line[..]);
        assert_eq!(read_line::<Order>(&mut read).await.unwrap(), Some(order));
        assert_eq!(read_line::<Order>(&mut read).await.unwrap(), None);
        let long = vec![b' '; MAX_LINE as usize + 10];
        assert!(read_line::<Order>(&mut BufReader::new(&long[..])).await.is_err());
        assert!(
            read_line::<Order>(&mut BufReader::new(&b"{\"order\":\"dance\"}\n"[..]))
                .await
                .is_err()
        );
    }

    fn of_six() -> Setting {
        Setting {
            server: String::new(),
            people: 6,
            network: Some(Network::OfficeUdpBlocked),
            behind: 2,
            full_pictures: true,
        }
    }

    #[test]
    fn what_is_out_of_bounds_is_refused() {
        assert_eq!(of_six().check(), Ok(()));
        let of = |people| Setting { people, ..of_six() }.check();
        assert_eq!(
            (of(0), of(129)),
            (Err(SettingError::People(0)), Err(SettingError::People(129)))
        );
        let behind = |behind| Setting { behind, ..of_six() }.check();
        assert_eq!((behind(6), behind(7)), (Ok(()), Err(SettingError::Behind(7, 6))));
        assert_eq!(
            [0, 1, 6, 7, usize::MAX].map(|number| of_six().has(number)),
            [false, true, true, false, false]
        );
    }

    #[test]
    fn the_network_is_that_of_so_many_and_the_chairs_last_of_all() {
        let blocked = |behind| {
            let setting = Setting { behind, ..of_six() };
            (1..=6)
                .filter(|&number| setting.blocks_udp(number))
                .collect::<Vec<usize>>()
        };
        assert_eq!(blocked(2), [2, 3]);
        assert_eq!(blocked(5), [2, 3, 4, 5, 6]);
        assert_eq!(blocked(6), [1, 2, 3, 4, 5, 6]);
    }
}
