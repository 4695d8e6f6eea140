//! Handshakes with `rtc-dtls` as client, over a wire that loses what the test says.

use super::*;
use crate::SrtpProfile;
use crate::srtp::{KeyingMaterial, Opener, Sealer};
use bytes::BytesMut;
use proptest::prelude::*;
use rtc_crypto::RTCCryptoProvider;
use rtc_crypto::providers::AwsLcRsProvider;
use rtc_dtls::config::{ConfigBuilder, ExtendedMasterSecretType};
use rtc_dtls::crypto::Certificate;
use rtc_dtls::endpoint::{Endpoint, EndpointEvent};
use rtc_dtls::extension::extension_use_srtp::SrtpProtectionProfile;
use rtc_shared::TransportProtocol;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

const ALL: [SrtpProtectionProfile; 3] = [
    SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80,
    SrtpProtectionProfile::Srtp_Aead_Aes_256_Gcm,
    SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm,
];

static RELAY: LazyLock<Identity> = LazyLock::new(|| Identity::generate().unwrap());
static ECDSA: LazyLock<Certificate> = LazyLock::new(|| certificate(&rcgen::PKCS_ECDSA_P256_SHA256));
static RSA: LazyLock<Certificate> = LazyLock::new(|| certificate(&rcgen::PKCS_RSA_SHA256));

fn certificate(algorithm: &'static rcgen::SignatureAlgorithm) -> Certificate {
    let provider = AwsLcRsProvider::new();
    Certificate::generate_self_signed_with_alg(vec!["client".to_owned()], algorithm, provider.crypto()).unwrap()
}

fn fingerprint(certificate: &Certificate) -> Fingerprint {
    Fingerprint::of(&certificate.certificate[0])
}

fn server_address() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 9], 9))
}

struct Client {
    endpoint: Endpoint,
    complete: bool,
    closed: bool,
}

#[derive(Clone)]
struct Offer {
    certificate: Option<Certificate>,
    profiles: Vec<SrtpProtectionProfile>,
    extended_master_secret: ExtendedMasterSecretType,
    mtu: usize,
}

impl Default for Offer {
    fn default() -> Self {
        Self {
            certificate: Some(ECDSA.clone()),
            profiles: ALL.to_vec(),
            extended_master_secret: ExtendedMasterSecretType::Require,
            mtu: 1200,
        }
    }
}

impl Client {
    fn connect(now: Instant, offer: Offer) -> Self {
        let provider: Arc<dyn RTCCryptoProvider> = Arc::new(AwsLcRsProvider::new());
        let relay = RELAY.fingerprint().clone();
        let config = ConfigBuilder::default()
            .with_crypto_provider(provider)
            .with_certificates(offer.certificate.into_iter().collect())
            .with_srtp_protection_profiles(offer.profiles)
            .with_extended_master_secret(offer.extended_master_secret)
            .with_insecure_skip_verify(true)
            .with_mtu(offer.mtu)
            .with_verify_peer_certificate(Some(Arc::new(move |chain, _| {
                assert!(
                    relay.matches(&chain[0]),
                    "the answer's fingerprint is that of the certificate"
                );
                Ok(())
            })))
            .build(true, Some(server_address()))
            .unwrap();
        let mut endpoint = Endpoint::new(server_address(), TransportProtocol::UDP, None);
        endpoint.connect(now, server_address(), Arc::new(config), None).unwrap();
        Self {
            endpoint,
            complete: false,
            closed: false,
        }
    }

    fn receive(&mut self, now: Instant, datagram: &[u8]) {
        let events = self
            .endpoint
            .read(now, server_address(), None, BytesMut::from(datagram))
            .unwrap_or_default();
        for event in events {
            match event {
                EndpointEvent::HandshakeComplete => self.complete = true,
                EndpointEvent::PeerClosed => self.closed = true,
                _ => {}
            }
        }
    }

    fn keys(&self, profile: SrtpProfile) -> KeyingMaterial {
        let state = self.endpoint.get_connection_state(server_address()).unwrap();
        let exported = state
            .export_keying_material("EXTRACTOR-dtls_srtp", &[], KeyingMaterial::exported_len(profile))
            .unwrap();
        KeyingMaterial::from_exporter(profile, exported.as_ref())
            .unwrap()
            .reversed()
    }
}

struct Wire {
    now: Instant,
    client: Client,
    relay: Association,
    /// Datagrams carried so far, in both directions.
    carried: usize,
    events: Vec<Event>,
}

impl Wire {
    fn new(offer: Offer, expected: Fingerprint) -> Self {
        let now = Instant::now();
        let client = Client::connect(now, offer);
        Self {
            now,
            client,
            relay: Association::new(RELAY.clone(), expected),
            carried: 0,
            events: vec![],
        }
    }

    /// Carries what there is to carry, except what `lost` says, until nothing is left.
    fn carry(&mut self, lost: &dyn Fn(usize) -> bool) {
        loop {
            let mut idle = true;
            while let Some(datagram) = self.client.endpoint.poll_transmit() {
                idle = false;
                if !lost(self.carried) {
                    self.relay.handle(self.now, &datagram.message);
                }
                self.carried += 1;
            }
            while let Some(datagram) = self.relay.poll_transmit() {
                idle = false;
                if !lost(self.carried) {
                    self.client.receive(self.now, &datagram);
                }
                self.carried += 1;
            }
            self.events.extend(std::iter::from_fn(|| self.relay.poll_event()));
            if idle {
                return;
            }
        }
    }

    /// Carries, and passes the time until the next deadline, until both are done or the time is over.
    fn run(&mut self, lost: &dyn Fn(usize) -> bool) {
        let end = self.now + HANDSHAKE_TIMEOUT + Duration::from_secs(1);
        self.carry(lost);
        while !(self.client.complete && self.established()) && self.now < end {
            let deadlines = [
                self.client.endpoint.poll_timeout(&server_address()),
                self.relay.deadline(),
            ];
            let Some(next) = deadlines.into_iter().flatten().min() else {
                return;
            };
            self.now = self.now.max(next);
            // The client's own failure shows as a handshake that never completes.
            let _ = self.client.endpoint.handle_timeout(server_address(), self.now);
            self.relay.handle_timeout(self.now);
            self.carry(lost);
        }
    }

    fn established(&self) -> bool {
        self.events
            .iter()
            .any(|event| matches!(event, Event::Established { .. }))
    }

    fn failure(&self) -> Option<&FailureReason> {
        self.events.iter().find_map(|event| match event {
            Event::Failed(reason) => Some(reason),
            _ => None,
        })
    }
}

fn nothing_lost(_: usize) -> bool {
    false
}

/// Media sealed by one side opens at the other.
fn assert_same_keys(wire: &Wire) -> SrtpProfile {
    let Some(Event::Established { profile, keys }) = wire.events.first() else {
        panic!("{:?}", wire.events)
    };
    let theirs = wire.client.keys(*profile);
    for (out, into) in [(&keys.local, &theirs.remote), (&theirs.local, &keys.remote)] {
        let mut packet = vec![0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 42];
        Sealer::new(*profile, out)
            .unwrap()
            .seal_rtp(&mut packet, 0, 12)
            .unwrap();
        assert_eq!(Opener::new(*profile, into).unwrap().open_rtp(&mut packet, 12), Ok(13));
    }
    *profile
}

#[test]
fn the_best_common_profile_is_agreed_on_and_both_have_the_same_keys() {
    let [sha1, gcm_256, gcm_128] = ALL;
    for (offered, best) in [
        (vec![sha1, gcm_256, gcm_128], SrtpProfile::AeadAes128Gcm),
        (vec![sha1, gcm_256], SrtpProfile::AeadAes256Gcm),
        (
            vec![SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_32, sha1],
            SrtpProfile::Aes128CmHmacSha1_80,
        ),
    ] {
        let mut wire = Wire::new(
            Offer {
                profiles: offered,
                ..Offer::default()
            },
            fingerprint(&ECDSA),
        );
        wire.run(&nothing_lost);
        assert_eq!(assert_same_keys(&wire), best);
        assert!(wire.client.complete);
        assert_eq!(wire.relay.deadline(), None);
    }
}

#[test]
fn a_client_with_an_rsa_certificate_is_welcome() {
    let mut wire = Wire::new(
        Offer {
            certificate: Some(RSA.clone()),
            ..Offer::default()
        },
        fingerprint(&RSA),
    );
    wire.run(&nothing_lost);
    assert_same_keys(&wire);
}

#[test]
fn fragmented_messages_are_put_together() {
    for mtu in [40, 100, 300] {
        let offer = Offer {
            certificate: Some(RSA.clone()),
            mtu,
            ..Offer::default()
        };
        let mut wire = Wire::new(offer, fingerprint(&RSA));
        wire.run(&nothing_lost);
        assert_same_keys(&wire);
    }
}

#[test]
fn any_lost_datagram_is_sent_again() {
    for first in 0..8 {
        for count in 1..3 {
            let mut wire = Wire::new(Offer::default(), fingerprint(&ECDSA));
            wire.run(&|n| (first..first + count).contains(&n));
            assert!(wire.established(), "lost {count} from {first}: {:?}", wire.events);
            assert!(
                wire.client.complete,
                "lost {count} from {first}: the client has no last flight"
            );
            assert_same_keys(&wire);
        }
    }
}

#[test]
fn a_repeated_client_hello_is_answered_at_once_with_the_same_flight() {
    let mut wire = Wire::new(Offer::default(), fingerprint(&ECDSA));
    let say = |wire: &mut Wire| {
        let hello = wire.client.endpoint.poll_transmit().unwrap().message;
        wire.relay.handle(wire.now, &hello);
        std::iter::from_fn(|| wire.relay.poll_transmit()).collect::<Vec<_>>()
    };
    for verify_request in say(&mut wire) {
        wire.client.receive(wire.now, &verify_request);
    }
    let flight = say(&mut wire);
    wire.now = wire.client.endpoint.poll_timeout(&server_address()).unwrap();
    wire.client.endpoint.handle_timeout(server_address(), wire.now).unwrap();
    assert_eq!(say(&mut wire), flight);
    for datagram in &flight {
        wire.client.receive(wire.now, datagram);
    }
    wire.run(&nothing_lost);
    assert_same_keys(&wire);
}

#[test]
fn another_certificate_than_announced_is_refused() {
    let mut wire = Wire::new(Offer::default(), fingerprint(&RSA));
    wire.run(&nothing_lost);
    assert_eq!(wire.failure(), Some(&FailureReason::WrongFingerprint));
    assert!(!wire.established());
    assert!(!wire.client.complete);
}

#[test]
fn a_client_without_certificate_is_refused() {
    let mut wire = Wire::new(
        Offer {
            certificate: None,
            ..Offer::default()
        },
        fingerprint(&ECDSA),
    );
    wire.run(&nothing_lost);
    assert!(wire.failure().is_some());
    assert!(!wire.established());
}

#[test]
fn a_client_without_a_profile_of_ours_is_refused() {
    let profiles = vec![SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_32];
    let mut wire = Wire::new(
        Offer {
            profiles,
            ..Offer::default()
        },
        fingerprint(&ECDSA),
    );
    wire.run(&nothing_lost);
    assert_eq!(wire.failure(), Some(&FailureReason::NoSrtpProfile));
}

#[test]
fn a_client_without_the_extended_master_secret_is_refused() {
    let offer = Offer {
        extended_master_secret: ExtendedMasterSecretType::Disable,
        ..Offer::default()
    };
    let mut wire = Wire::new(offer, fingerprint(&ECDSA));
    wire.run(&nothing_lost);
    assert!(matches!(wire.failure(), Some(FailureReason::Protocol(_))));
}

#[test]
fn silence_ends_the_handshake_in_time() {
    let mut wire = Wire::new(Offer::default(), fingerprint(&ECDSA));
    let start = wire.now;
    wire.run(&|n| n > 3);
    assert_eq!(wire.failure(), Some(&FailureReason::TimedOut));
    while let Some(deadline) = wire.relay.deadline() {
        wire.relay.handle_timeout(deadline);
    }
    assert!(wire.now <= start + HANDSHAKE_TIMEOUT + Duration::from_secs(1));
}

#[test]
fn each_side_can_close() {
    let mut wire = Wire::new(Offer::default(), fingerprint(&ECDSA));
    wire.run(&nothing_lost);
    wire.client.endpoint.close(wire.now).unwrap();
    wire.carry(&nothing_lost);
    assert!(matches!(wire.events.last(), Some(Event::Closed)));

    let mut wire = Wire::new(Offer::default(), fingerprint(&ECDSA));
    wire.run(&nothing_lost);
    wire.relay.close(wire.now);
    wire.carry(&nothing_lost);
    assert!(wire.client.closed);
}

#[test]
fn forged_clear_records_do_not_disturb_an_established_association() {
    let mut wire = Wire::new(Offer::default(), fingerprint(&ECDSA));
    wire.run(&nothing_lost);
    wire.events.clear();
    for kind in 0..=255 {
        for content in [&[2, 40][..], &[1, 0], &[1], &[0; 40]] {
            let mut record = vec![kind, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 1, kind, 0, content.len() as u8];
            record.extend(content);
            wire.relay.handle(wire.now, &record);
        }
    }
    wire.carry(&nothing_lost);
    assert!(wire.events.is_empty(), "{:?}", wire.events);
}

#[test]
fn a_flood_ends_the_handshake_and_nothing_more() {
    let mut relay = Association::new(RELAY.clone(), fingerprint(&ECDSA));
    for _ in 0..10_000 {
        relay.handle(Instant::now(), &[22; 1200]);
    }
    assert!(matches!(
        relay.poll_event(),
        Some(Event::Failed(FailureReason::TooMuch))
    ));
    assert!(relay.poll_event().is_none());
    assert!(relay.poll_transmit().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A real client's datagrams, altered on the way: no panic, and nobody is let in with another certificate.
    #[test]
    fn altered_handshakes_are_survived(
        changes in prop::collection::vec((0usize..8, any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut wire = Wire::new(Offer::default(), fingerprint(&RSA));
        for turn in 0..8 {
            let mut datagrams: Vec<Vec<u8>> = vec![];
            while let Some(datagram) = wire.client.endpoint.poll_transmit() {
                datagrams.push(datagram.message.to_vec());
            }
            for datagram in &mut datagrams {
                for (_, at, value) in changes.iter().filter(|(when, ..)| *when == turn) {
                    let at = at.index(datagram.len());
                    datagram[at] = *value;
                }
                wire.relay.handle(wire.now, datagram);
            }
            while let Some(datagram) = wire.relay.poll_transmit() {
                wire.client.receive(wire.now, &datagram);
            }
            wire.now += Duration::from_secs(1);
            let _ = wire.client.endpoint.handle_timeout(server_address(), wire.now);
            wire.relay.handle_timeout(wire.now);
            wire.events.extend(std::iter::from_fn(|| wire.relay.poll_event()));
        }
        prop_assert!(!wire.established());
    }
}
