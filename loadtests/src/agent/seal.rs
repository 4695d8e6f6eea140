//! Lines that nobody on the way can write, change, leave out or send again: each carries an HMAC of its number and its text,
//! under a key that both sides draw from their token and both nonces, one for each direction. They can be read on the way.

use super::greeting::{Greeting, PROTOCOL, hex, key, unhex};
use crate::company::{encode, read_bytes};
use crate::convene::BearerToken;
use aws_lc_rs::hmac;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use tokio::io::{AsyncBufRead, AsyncWrite, AsyncWriteExt};

/// One direction, at either end.
pub(super) struct Seal {
    key: hmac::Key,
    lines: u64,
}

impl Seal {
    /// What `who` says, between this agent and this leader.
    pub(super) fn of(token: &BearerToken, who: &str, agent: &Greeting, leader: &Greeting) -> Self {
        let text = format!("{who} seals\n{PROTOCOL}\n{}\n{}", agent.nonce, leader.nonce);
        let drawn = hmac::sign(&key(token), text.as_bytes());
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, drawn.as_ref()),
            lines: 0,
        }
    }

    /// The next line, with its end.
    ///
    /// # Errors
    /// Never for what is spoken here; `serde_json`'s own.
    fn seal(&mut self, message: &impl Serialize) -> io::Result<Vec<u8>> {
        let text = encode(message)?;
        let numbered = self.numbered(&text);
        let tag = hmac::sign(&self.key, &numbered);
        let mut line = hex(tag.as_ref()).into_bytes();
        line.push(b' ');
        line.extend_from_slice(&text);
        Ok(line)
    }

    /// The message in the next line.
    ///
    /// # Errors
    /// When it is not the other side's next.
    fn open<T: DeserializeOwned>(&mut self, line: &[u8]) -> io::Result<T> {
        let forged = || io::Error::new(io::ErrorKind::InvalidData, "a line is not the other side's");
        let (tag, text) = line.split_at_checked(TAG).ok_or_else(forged)?;
        let tag = std::str::from_utf8(tag).ok().and_then(unhex).ok_or_else(forged)?;
        let text = text.strip_prefix(b" ").ok_or_else(forged)?;
        let numbered = self.numbered(text);
        hmac::verify(&self.key, &numbered, &tag).map_err(|_| forged())?;
        Ok(serde_json::from_slice(text)?)
    }

    /// What is signed of the next line.
    fn numbered(&mut self, text: &[u8]) -> Vec<u8> {
        let mut numbered = self.lines.to_be_bytes().to_vec();
        numbered.extend_from_slice(text);
        self.lines += 1;
        numbered
    }

    /// Writes a line.
    ///
    /// # Errors
    /// When the other side is away.
    pub(super) async fn write(
        &mut self,
        to: &mut (impl AsyncWrite + Unpin),
        message: &impl Serialize,
    ) -> io::Result<()> {
        to.write_all(&self.seal(message)?).await
    }

    /// Reads a line; `None`: the other side has closed.
    ///
    /// # Errors
    /// When it is away, or the line is not its next.
    pub(super) async fn read<T: DeserializeOwned>(
        &mut self,
        from: &mut (impl AsyncBufRead + Unpin),
    ) -> io::Result<Option<T>> {
        match read_bytes(from).await? {
            Some(line) => self.open(&line).map(Some),
            None => Ok(None),
        }
    }
}

/// Hexadecimal digits of an HMAC with SHA-256.
const TAG: usize = 64;

#[cfg(test)]
mod tests {
    use super::super::greeting::Proof;
    use super::*;
    use crate::convene::BearerToken;

    /// Both ends of one direction.
    fn ends() -> (Seal, Seal) {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("token");
        std::fs::write(&file, "a-token-of-some-length").unwrap();
        let token = BearerToken::read(&file).unwrap();
        let (agent, leader) = (Greeting::new(), Greeting::new());
        let seal = || Seal::of(&token, Proof::LEADER, &agent, &leader);
        (seal(), seal())
    }

    #[test]
    fn what_is_sealed_is_read_in_its_order() {
        let (mut here, mut there) = ends();
        for n in 0..3_u32 {
            let line = here.seal(&n).unwrap();
            assert_eq!(there.open::<u32>(&line).unwrap(), n);
        }
    }

    #[test]
    fn nobody_changes_repeats_or_leaves_out_a_line() {
        let (mut here, mut there) = ends();
        let lines = [1_u32, 2, 3].map(|n| here.seal(&n).unwrap());
        let mut changed = lines[0].clone();
        changed[TAG + 1] = b'7';
        assert!(there.open::<u32>(&changed).is_err(), "changed");
        let (mut here, mut there) = ends();
        let first = here.seal(&1_u32).unwrap();
        there.open::<u32>(&first).unwrap();
        assert!(there.open::<u32>(&first).is_err(), "repeated");
        let (mut here, mut there) = ends();
        let _ = here.seal(&1_u32).unwrap();
        let second = here.seal(&2_u32).unwrap();
        assert!(there.open::<u32>(&second).is_err(), "left out");
        let mut another = ends().1;
        assert!(another.open::<u32>(&lines[0]).is_err(), "of another test");
        assert!(ends().1.open::<u32>(b"1\n").is_err(), "not sealed at all");
    }
}
