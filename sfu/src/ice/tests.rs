//! Checks as a full agent sends them, written with `rtc-stun`.

use super::*;
use proptest::prelude::*;
use rtc_crypto::RTCCryptoProvider as _;
use rtc_crypto::providers::AwsLcRsProvider;
use rtc_stun::attributes::{
    ATTR_ICE_CONTROLLED, ATTR_ICE_CONTROLLING, ATTR_PRIORITY, ATTR_UNKNOWN_ATTRIBUTES, ATTR_USE_CANDIDATE,
    ATTR_USERNAME, AttrType,
};
use rtc_stun::error_code::{ErrorCode, ErrorCodeAttribute};
use rtc_stun::fingerprint::FINGERPRINT;
use rtc_stun::integrity::MessageIntegrity;
use rtc_stun::message::{
    BINDING_ERROR, BINDING_REQUEST, BINDING_SUCCESS, Getter as _, Message, MessageType, Setter as _, TransactionId,
};
use rtc_stun::xoraddr::XorMappedAddress;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

struct Request {
    kind: MessageType,
    username: Option<String>,
    attributes: Vec<(AttrType, Vec<u8>)>,
    pwd: Option<String>,
    after_integrity: Vec<(AttrType, Vec<u8>)>,
    fingerprint: bool,
}

impl Request {
    /// What a controlling agent sends to `agent`.
    fn to(agent: &Agent) -> Self {
        Self {
            kind: BINDING_REQUEST,
            username: Some(format!("{}:{}", agent.local().ufrag(), agent.remote().ufrag())),
            attributes: vec![(ATTR_PRIORITY, vec![1, 2, 3, 4]), (ATTR_ICE_CONTROLLING, vec![9; 8])],
            pwd: Some(agent.local().pwd().to_owned()),
            after_integrity: vec![],
            fingerprint: true,
        }
    }

    fn with(mut self, kind: AttrType, value: &[u8]) -> Self {
        self.attributes.push((kind, value.to_vec()));
        self
    }

    fn nominating(self) -> Self {
        self.with(ATTR_USE_CANDIDATE, &[])
    }

    fn message(&self) -> Message {
        let mut message = Message::new();
        message.set_type(self.kind);
        message.transaction_id = TransactionId::new();
        message.write_header();
        if let Some(username) = &self.username {
            message.add(ATTR_USERNAME, username.as_bytes());
        }
        for (kind, value) in &self.attributes {
            message.add(*kind, value);
        }
        if let Some(pwd) = &self.pwd {
            let provider = AwsLcRsProvider::new();
            MessageIntegrity::new_short_term_integrity_with_provider(pwd.clone(), provider.crypto())
                .add_to(&mut message)
                .unwrap();
        }
        for (kind, value) in &self.after_integrity {
            message.add(*kind, value);
        }
        if self.fingerprint {
            FINGERPRINT.add_to(&mut message).unwrap();
        }
        message
    }
}

fn agent() -> Agent {
    Agent::new(Credentials::generate(), Credentials::generate())
}

fn address(last: u8) -> TransportAddress {
    SocketAddr::from(([192, 0, 2, last], 5000)).into()
}

/// Sends `request`; gives the outcome and the response, decoded.
fn ask(request: &Message, agent: &mut Agent, from: TransportAddress) -> (Result<Check, StunError>, Option<Message>) {
    ask_at(Instant::now(), request, agent, from)
}

fn ask_at(
    now: Instant,
    request: &Message,
    agent: &mut Agent,
    from: TransportAddress,
) -> (Result<Check, StunError>, Option<Message>) {
    let mut bytes = vec![];
    let outcome = agent.handle(now, &request.raw, from, &mut bytes);
    let response = (!bytes.is_empty()).then(|| {
        let mut message = Message::new();
        message.unmarshal_binary(&bytes).unwrap();
        FINGERPRINT.check(&message).unwrap();
        assert_eq!(message.transaction_id, request.transaction_id);
        message
    });
    (outcome, response)
}

fn is_signed(response: &mut Message, pwd: &str) -> bool {
    MessageIntegrity::check(response, pwd.as_bytes(), AwsLcRsProvider::new().crypto()).is_ok()
}

fn code(response: &Message) -> u16 {
    assert_eq!(response.typ, BINDING_ERROR);
    let mut code = ErrorCodeAttribute {
        code: ErrorCode(0),
        reason: vec![],
    };
    code.get_from(response).unwrap();
    code.code.0
}

#[test]
fn a_check_is_answered_with_where_it_came_from() {
    for from in ["192.0.2.7:5000", "[2001:db8::7]:5000", "[::ffff:192.0.2.7]:5000"] {
        let mut agent = agent();
        let from: SocketAddr = from.parse().unwrap();
        let (outcome, response) = ask(&Request::to(&agent).message(), &mut agent, from.into());
        assert_eq!(outcome, Ok(Check { nominated: false }));
        let mut response = response.unwrap();
        assert_eq!(response.typ, BINDING_SUCCESS);
        assert!(is_signed(&mut response, agent.local().pwd()));
        let mut mapped = XorMappedAddress::default();
        mapped.get_from(&response).unwrap();
        assert_eq!((mapped.ip, mapped.port), (from.ip().to_canonical(), 5000));
        assert_eq!(agent.path(), Some(from.into()));
    }
}

#[test]
fn the_ufrag_leads_to_the_peer() {
    let agent = agent();
    let request = Request::to(&agent).message();
    assert_eq!(local_ufrag(&request.raw), Some(agent.local().ufrag()));
    assert_eq!(local_ufrag(&request.raw[..30]), None);
    assert_eq!(local_ufrag(b"neither RTP nor STUN"), None);
}

#[test]
fn the_first_valid_path_is_used_until_one_is_nominated() {
    let mut agent = agent();
    assert_eq!(agent.path(), None);
    for last in [1, 2] {
        ask(&Request::to(&agent).message(), &mut agent, address(last))
            .0
            .unwrap();
        assert_eq!(agent.path(), Some(address(1)));
    }
    for last in [2, 3] {
        let (outcome, _) = ask(&Request::to(&agent).nominating().message(), &mut agent, address(last));
        assert_eq!(outcome, Ok(Check { nominated: true }));
        assert_eq!(agent.path(), Some(address(last)));
    }
    ask(&Request::to(&agent).message(), &mut agent, address(4)).0.unwrap();
    assert_eq!(agent.path(), Some(address(3)));
}

#[test]
fn a_path_that_has_fallen_silent_is_left_for_the_next_valid_one() {
    let mut agent = agent();
    let start = Instant::now();
    let at = |ms| start + Duration::from_millis(ms);
    let nominating = Request::to(&agent).nominating().message();
    ask_at(at(0), &nominating, &mut agent, address(1)).0.unwrap();
    let check = Request::to(&agent).message();
    agent.heard(at(400), address(1));
    ask_at(at(800), &check, &mut agent, address(2)).0.unwrap();
    assert_eq!(agent.path(), Some(address(1)), "it was heard 400 ms ago");
    agent.heard(at(850), address(2));
    ask_at(at(900), &check, &mut agent, address(2)).0.unwrap();
    assert_eq!(agent.path(), Some(address(2)), "nothing for 500 ms");
    ask_at(at(1000), &check, &mut agent, address(1)).0.unwrap();
    assert_eq!(agent.path(), Some(address(2)), "the new path is alive");
}

#[test]
fn wrong_credentials_are_refused_and_change_nothing() {
    let mut agent = agent();
    let other = Credentials::generate();
    let wrong_pwd = Request {
        pwd: Some(other.pwd().to_owned()),
        ..Request::to(&agent)
    };
    let stranger = format!("{}:{}", agent.local().ufrag(), other.ufrag());
    let wrong_name = Request {
        username: Some(stranger),
        ..Request::to(&agent)
    };
    for request in [wrong_pwd, wrong_name] {
        let (outcome, response) = ask(&request.nominating().message(), &mut agent, address(1));
        assert_eq!(outcome, Err(StunError::WrongCredentials));
        let mut response = response.unwrap();
        assert_eq!(code(&response), 401);
        assert!(!is_signed(&mut response, agent.local().pwd()));
    }
    assert_eq!(agent.path(), None);
}

#[test]
fn a_flood_of_forgeries_is_answered_a_few_times_a_second_and_the_peer_every_time() {
    let mut agent = agent();
    let forged = Request {
        pwd: Some(Credentials::generate().pwd().to_owned()),
        ..Request::to(&agent)
    };
    let (forged, right) = (forged.message(), Request::to(&agent).message());
    let start = Instant::now();
    for second in 0..3 {
        let at = start + Duration::from_secs(second);
        let answered = (0..1000).filter(|_| {
            let (outcome, response) = ask_at(at, &forged, &mut agent, address(2));
            assert_eq!(outcome, Err(StunError::WrongCredentials));
            response.is_some()
        });
        assert_eq!(answered.count(), 10);
        assert!(ask_at(at, &right, &mut agent, address(1)).0.is_ok());
    }
}

#[test]
fn an_unsigned_request_is_a_bad_one() {
    let mut agent = agent();
    for request in [
        Request {
            pwd: None,
            ..Request::to(&agent)
        },
        Request {
            username: None,
            ..Request::to(&agent)
        },
    ] {
        let (outcome, response) = ask(&request.message(), &mut agent, address(1));
        assert_eq!(outcome, Err(StunError::Unauthenticated));
        assert_eq!(code(&response.unwrap()), 400);
    }
}

#[test]
fn what_follows_the_signature_is_not_believed() {
    let mut agent = agent();
    let request = Request {
        after_integrity: vec![(ATTR_USE_CANDIDATE, vec![])],
        ..Request::to(&agent)
    };
    assert_eq!(
        ask(&request.message(), &mut agent, address(1)).0,
        Ok(Check { nominated: false })
    );
}

#[test]
fn a_wrong_fingerprint_is_not_answered_and_a_missing_one_is_allowed() {
    let mut agent = agent();
    let mut request = Request::to(&agent).message();
    *request.raw.last_mut().unwrap() ^= 1;
    let (outcome, response) = ask(&request, &mut agent, address(1));
    assert_eq!((outcome, response), (Err(StunError::Fingerprint), None));
    let request = Request {
        fingerprint: false,
        ..Request::to(&agent)
    };
    assert!(ask(&request.message(), &mut agent, address(1)).0.is_ok());
}

#[test]
fn unknown_attributes_that_must_be_understood_are_named() {
    let mut agent = agent();
    let optional = Request::to(&agent).with(AttrType(0xc057), &[0, 1, 2, 3]);
    assert!(ask(&optional.message(), &mut agent, address(1)).0.is_ok());
    let required = Request::to(&agent).with(AttrType(0x7abc), b"x").nominating();
    let (outcome, response) = ask(&required.message(), &mut agent, address(2));
    assert_eq!(outcome, Err(StunError::UnknownAttribute));
    let mut response = response.unwrap();
    assert_eq!(code(&response), 420);
    assert_eq!(response.get(ATTR_UNKNOWN_ATTRIBUTES).unwrap(), [0x7a, 0xbc]);
    assert!(is_signed(&mut response, agent.local().pwd()));
    assert_eq!(agent.path(), Some(address(1)));
}

#[test]
fn a_controlled_peer_is_told_of_the_conflict() {
    let mut agent = agent();
    let mut request = Request::to(&agent);
    request.attributes = vec![(ATTR_ICE_CONTROLLED, vec![9; 8])];
    let (outcome, response) = ask(&request.message(), &mut agent, address(1));
    assert_eq!(outcome, Err(StunError::RoleConflict));
    assert_eq!(code(&response.unwrap()), 487);
    assert_eq!(agent.path(), None);
}

#[test]
fn responses_and_indications_are_not_answered() {
    let mut agent = agent();
    for kind in [BINDING_SUCCESS, BINDING_ERROR] {
        let request = Request {
            kind,
            ..Request::to(&agent)
        };
        let (outcome, response) = ask(&request.message(), &mut agent, address(1));
        assert_eq!((outcome, response), (Err(StunError::NotARequest), None));
    }
}

#[test]
fn after_a_restart_the_old_credentials_serve_until_the_new_are_used() {
    let mut agent = agent();
    let old = Request::to(&agent);
    let old_ufrag = agent.local().ufrag().to_owned();
    ask(&Request::to(&agent).nominating().message(), &mut agent, address(1))
        .0
        .unwrap();
    agent.restart(Credentials::generate(), Credentials::generate());
    assert_eq!(agent.previous_ufrag(), Some(old_ufrag.as_str()));
    assert!(ask(&old.message(), &mut agent, address(1)).0.is_ok());

    assert!(ask(&Request::to(&agent).message(), &mut agent, address(2)).0.is_ok());
    assert_eq!(agent.path(), Some(address(1)), "media stays until the peer chooses");
    assert_eq!(agent.previous_ufrag(), None);
    assert_eq!(
        ask(&old.message(), &mut agent, address(1)).0,
        Err(StunError::WrongCredentials)
    );
    ask(&Request::to(&agent).nominating().message(), &mut agent, address(2))
        .0
        .unwrap();
    assert_eq!(agent.path(), Some(address(2)));
}

#[test]
fn every_truncation_is_an_error() {
    let mut agent = agent();
    let request = Request::to(&agent).message();
    for end in 0..request.raw.len() {
        let mut response = vec![];
        assert!(
            agent
                .handle(Instant::now(), &request.raw[..end], address(1), &mut response)
                .is_err()
        );
        assert!(response.is_empty());
    }
}

proptest! {
    /// One byte changed before the FINGERPRINT, whose own header nothing protects.
    #[test]
    fn an_altered_request_is_never_believed(at in any::<prop::sample::Index>(), change in 1u8..) {
        let mut agent = agent();
        let mut bytes = Request::to(&agent).message().raw;
        let at = at.index(bytes.len() - 8);
        bytes[at] ^= change;
        prop_assert!(agent.handle(Instant::now(), &bytes, address(1), &mut vec![]).is_err());
        prop_assert_eq!(agent.path(), None);
    }

    #[test]
    fn anything_is_read_without_panic(mut bytes in prop::collection::vec(any::<u8>(), 20..200)) {
        let length = (bytes.len() - 20) as u16;
        bytes[..4].copy_from_slice(&[0, 1, length.to_be_bytes()[0], length.to_be_bytes()[1]]);
        bytes[4..8].copy_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
        local_ufrag(&bytes);
        prop_assert!(agent().handle(Instant::now(), &bytes, address(1), &mut vec![]).is_err());
    }
}
