//! WHIP and WHEP: who gets in, and how they leave.

use crate::stage::{CHAIR, HOUR_MS, MEMBER, Stage};
use lika::config::Config;
use lika::data::Data;
use lika::meeting::Attendance;
use lika_auth::Bearer;
use reqwest::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE, ETAG, LINK, LOCATION, WWW_AUTHENTICATE};
use reqwest::{Method, Response, StatusCode};

/// What an encoder offers: one sound, one picture (RFC 9725 section 4.4).
pub(crate) const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=rtcp-mux\r\na=ice-ufrag:abcd\r\n\
    a=ice-pwd:0123456789abcdefghijklmn\r\na=setup:actpass\r\na=mid:0\r\na=sendonly\r\n\
    a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n\
    a=rtpmap:111 opus/48000/2\r\na=ssrc:1111 cname:x\r\n\
    m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=rtcp-mux\r\na=ice-ufrag:abcd\r\n\
    a=ice-pwd:0123456789abcdefghijklmn\r\na=setup:actpass\r\na=mid:1\r\na=sendonly\r\n\
    a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n\
    a=rtpmap:96 VP8/90000\r\na=ssrc:2222 cname:x\r\n";

pub(crate) struct Devices {
    pub(crate) stage: Stage,
    pub(crate) encoder: String,
    player: String,
}

impl Devices {
    async fn set() -> Self {
        Self::set_with(|_| {}).await
    }

    pub(crate) async fn set_with(configure: impl FnOnce(&mut Config)) -> Self {
        let mut stage = Stage::set_until(configure, HOUR_MS).await;
        stage.stop().await;
        let mut data = Data::open(stage.directory.path()).unwrap();
        let mut grant = |publishes_as| {
            let bearer = Bearer {
                meeting: 1,
                publishes_as,
                expires_ms: i64::MAX,
            };
            data.identities.grant(&bearer).unwrap().reveal().to_string()
        };
        let (encoder, player) = (grant(Some(MEMBER.0)), grant(None));
        drop(data);
        stage.start().await;
        Self { stage, encoder, player }
    }

    async fn ask(&self, method: Method, path: &str, token: &str, kind: &str, body: &str) -> Response {
        let request = self.stage.http().request(method, self.stage.url(path));
        let request = request
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header(CONTENT_TYPE, kind);
        request.body(body.to_owned()).send().await.unwrap()
    }

    pub(crate) async fn offer(&self, path: &str, token: &str) -> Response {
        self.ask(Method::POST, path, token, "application/sdp", OFFER).await
    }
}

#[tokio::test]
async fn a_revoked_encoder_is_out_within_a_second() {
    let devices = Devices::set().await;
    let mut chair = devices.stage.page(CHAIR).await;
    assert_eq!(
        devices.offer("/whip", &devices.encoder).await.status(),
        StatusCode::CREATED
    );
    chair.until(|view| view.is(MEMBER, Attendance::Lobby)).await;
    let database = devices.stage.directory.path().join(lika::data::IDENTITIES);
    let whom = lika_auth::Identity {
        meeting: 1,
        participant: MEMBER.0,
    };
    lika_auth::IdentityStore::open(&database).unwrap().revoke(whom).unwrap();
    chair.until(|view| view.is(MEMBER, Attendance::Away)).await;
}

#[tokio::test]
async fn an_encoder_is_a_participant_until_it_leaves() {
    let devices = Devices::set().await;
    let mut chair = devices.stage.page(CHAIR).await;
    let answer = devices.offer("/whip", &devices.encoder).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/sdp");
    assert!(!answer.headers().contains_key(ETAG), "there is no restart");
    assert!(!answer.headers().contains_key(LINK), "there is no TURN server");
    let session = answer.headers()[LOCATION].to_str().unwrap().to_owned();
    let sdp = answer.text().await.unwrap();
    assert!(sdp.contains("a=ice-lite") && sdp.contains("a=recvonly"), "{sdp}");
    chair.until(|view| view.is(MEMBER, Attendance::Lobby)).await;

    let patch = devices
        .ask(
            Method::PATCH,
            &session,
            &devices.encoder,
            "application/trickle-ice-sdpfrag",
            "",
        )
        .await;
    assert_eq!(patch.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(patch.headers()[ALLOW], "DELETE");
    let left = devices.ask(Method::DELETE, &session, &devices.encoder, "", "").await;
    assert_eq!(left.status(), StatusCode::OK);
    chair.until(|view| view.is(MEMBER, Attendance::Away)).await;
    let again = devices.ask(Method::DELETE, &session, &devices.encoder, "", "").await;
    assert_eq!(again.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_player_is_no_participant() {
    let devices = Devices::set().await;
    let chair = devices.stage.page(CHAIR).await;
    let offer = OFFER.replace("sendonly", "recvonly");
    let answer = devices
        .ask(Method::POST, "/whep", &devices.player, "application/sdp", &offer)
        .await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let session = answer.headers()[LOCATION].to_str().unwrap().to_owned();
    assert!(answer.text().await.unwrap().contains("a=sendonly"));
    assert!(
        chair
            .meeting
            .participants
            .iter()
            .all(|one| one.id == CHAIR || one.attendance == Attendance::Away)
    );
    let left = devices.ask(Method::DELETE, &session, &devices.player, "", "").await;
    assert_eq!(left.status(), StatusCode::OK);
}

#[tokio::test]
async fn each_door_wants_its_token() {
    let devices = Devices::set().await;
    for wrong in ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
        let refused = devices.offer("/whip", wrong).await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
        assert!(
            refused.headers()[WWW_AUTHENTICATE]
                .to_str()
                .unwrap()
                .starts_with("Bearer")
        );
        assert_eq!(refused.headers()[CONTENT_TYPE], "application/problem+json");
    }
    assert_eq!(
        devices.offer("/whip", &devices.player).await.status(),
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        devices.offer("/whep", &devices.encoder).await.status(),
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn what_is_no_offer_is_refused_and_leaves_nobody_behind() {
    let devices = Devices::set().await;
    let mut chair = devices.stage.page(CHAIR).await;
    let json = devices
        .ask(Method::POST, "/whip", &devices.encoder, "application/json", OFFER)
        .await;
    assert_eq!(json.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let nonsense = devices
        .ask(Method::POST, "/whip", &devices.encoder, "application/sdp", "v=0")
        .await;
    assert_eq!(nonsense.status(), StatusCode::BAD_REQUEST);
    let large = "x".repeat(lika_sfu::limits::MAX_SDP_BYTES + 1);
    let oversized = devices
        .ask(Method::POST, "/whip", &devices.encoder, "application/sdp", &large)
        .await;
    assert_eq!(oversized.status(), StatusCode::PAYLOAD_TOO_LARGE);
    chair.until(|view| view.is(MEMBER, Attendance::Away)).await;
}

#[tokio::test]
async fn an_encoder_of_h264_alone_is_let_in_while_everybody_decodes_it() {
    let devices = Devices::set().await;
    let h264 = OFFER.replace(
        "a=rtpmap:96 VP8/90000\r\n",
        "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;profile-level-id=42e01f\r\n",
    );
    let encode = async || {
        let encoder = &devices.encoder;
        devices
            .ask(Method::POST, "/whip", encoder, "application/sdp", &h264)
            .await
    };
    let watch = OFFER.replace("sendonly", "recvonly");
    let player = devices
        .ask(Method::POST, "/whep", &devices.player, "application/sdp", &watch)
        .await;
    let session = player.headers()[LOCATION].to_str().unwrap().to_owned();
    let refused = encode().await;
    assert_eq!(refused.status(), StatusCode::NOT_ACCEPTABLE);
    assert!(refused.text().await.unwrap().contains("does not decode H.264"));
    devices.ask(Method::DELETE, &session, &devices.player, "", "").await;
    let accepted = encode().await;
    assert_eq!(accepted.status(), StatusCode::CREATED);
    assert!(accepted.text().await.unwrap().contains("a=rtpmap:96 H264/90000"));
}
