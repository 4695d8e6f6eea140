//! How agent and leader prove to each other that they have the same token, without sending it: each answers the other's
//! nonce with an HMAC (RFC 2104). What follows is sealed ([`super::seal`]).

use crate::convene::BearerToken;
use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};

/// The words that agent and leader speak; another version greets otherwise.
pub(super) const PROTOCOL: u32 = 3;

/// The first line, from each side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Greeting {
    protocol: u32,
    pub(super) nonce: String,
}

/// The second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proof {
    /// The sender's own greeting.
    pub(super) greeting: Greeting,
    proof: String,
}

impl Greeting {
    pub(super) fn new() -> Self {
        let nonce: [u8; 32] = rand::random();
        Self {
            protocol: PROTOCOL,
            nonce: hex(&nonce),
        }
    }

    pub(super) fn is_of_this_version(&self) -> bool {
        self.protocol == PROTOCOL
    }
}

impl Proof {
    pub(super) const AGENT: &'static str = "lika-loadtests agent";
    pub(super) const LEADER: &'static str = "lika-loadtests leader";

    /// As `who`, with the greetings of both.
    pub(super) fn new(token: &BearerToken, who: &str, greeting: Greeting, agent: &Greeting, leader: &Greeting) -> Self {
        let tag = hmac::sign(&key(token), text(who, agent, leader).as_bytes());
        Self {
            greeting,
            proof: hex(tag.as_ref()),
        }
    }

    /// Whether it is that of `who`; compared in constant time.
    pub(super) fn is_right(&self, token: &BearerToken, who: &str, agent: &Greeting, leader: &Greeting) -> bool {
        let Some(tag) = unhex(&self.proof) else {
            return false;
        };
        hmac::verify(&key(token), text(who, agent, leader).as_bytes(), &tag).is_ok()
    }
}

pub(super) fn key(token: &BearerToken) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, token.reveal().as_bytes())
}

fn text(who: &str, agent: &Greeting, leader: &Greeting) -> String {
    format!("{who}\n{PROTOCOL}\n{}\n{}", agent.nonce, leader.nonce)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| Some(c.to_digit(16)? as u8)).collect();
    let digits = digits.filter(|digits| digits.len() == 64)?;
    Some(digits.chunks_exact(2).map(|pair| (pair[0] << 4) | pair[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str) -> BearerToken {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("token");
        std::fs::write(&file, text).unwrap();
        BearerToken::read(&file).unwrap()
    }

    #[test]
    fn only_the_same_token_and_the_right_side_prove_anything() {
        let (agent, leader) = (Greeting::new(), Greeting::new());
        let (right, wrong) = (token("a-token-of-some-length"), token("another-of-some-length"));
        let proof = Proof::new(&right, Proof::LEADER, leader.clone(), &agent, &leader);
        assert!(proof.is_right(&right, Proof::LEADER, &agent, &leader));
        assert!(!proof.is_right(&wrong, Proof::LEADER, &agent, &leader));
        assert!(
            !proof.is_right(&right, Proof::AGENT, &agent, &leader),
            "nobody's own words prove the other"
        );
        assert!(
            !proof.is_right(&right, Proof::LEADER, &Greeting::new(), &leader),
            "nor do those of another day"
        );
        let garbled = Proof {
            proof: "zz".into(),
            ..proof
        };
        assert!(!garbled.is_right(&right, Proof::LEADER, &agent, &leader));
    }
}
