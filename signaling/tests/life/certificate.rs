//! The certificate is renewed, broken, and runs out.

use crate::house::{House, Running, write_certificate};
use crate::stage::{http, trusting};
use lika::http::tls::self_signed;
use lika::meeting::Command as Ask;
use rcgen::{CertificateParams, CertifiedKey, KeyPair, date_time_ymd};
use reqwest::StatusCode;

/// Whether a new visitor is shown this certificate. Somebody who has been there before may go on by the old TLS session.
async fn is_shown(certificate: &CertifiedKey<KeyPair>, server: &Running) -> bool {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), certificate.cert.pem()).unwrap();
    match http(&trusting(file.path())).get(server.url("/healthz")).send().await {
        Ok(answer) => answer.status() == StatusCode::OK,
        Err(error) => {
            assert!(error.is_connect(), "{error}");
            false
        }
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_and_a_broken_one_refused_without_a_restart() {
    let house = House::built();
    let directory = house.directory.path();
    let mut server = house.start();
    let [_, mut member, _] = house.in_session(&server, 0).await;

    let [old, new, newest] = [(); 3].map(|()| self_signed("localhost").unwrap());
    write_certificate(directory, &old);
    server.logged("the new certificate is shown");
    assert!(is_shown(&old, &server).await && !is_shown(&new, &server).await);
    member.command(Ask::RequestFloor {}).await.unwrap();

    write_certificate(directory, &new);
    server.signal("HUP");
    server.logged("the new certificate is shown");
    assert!(is_shown(&new, &server).await && !is_shown(&old, &server).await);

    // The certificate of another key: half a renewal.
    std::fs::write(directory.join("certificate.pem"), newest.cert.pem()).unwrap();
    server.signal("HUP");
    let refused = server.logged("the new certificate is refused; the old one stays in use");
    assert!(refused.contains("check that they belong together"), "{refused}");
    assert!(is_shown(&new, &server).await);

    std::fs::remove_file(directory.join("key.pem")).unwrap();
    server.signal("HUP");
    let refused = server.logged("the new certificate is refused; the old one stays in use");
    assert!(refused.contains("key.pem"), "{refused}");
    assert!(is_shown(&new, &server).await);

    write_certificate(directory, &newest);
    server.signal("HUP");
    server.logged("the new certificate is shown");
    assert!(is_shown(&newest, &server).await && !is_shown(&new, &server).await);
    member.command(Ask::WithdrawRequest {}).await.unwrap();
}

#[tokio::test]
async fn an_expired_certificate_is_told_of_and_meetings_go_on() {
    let house = House::built();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2020, 3, 1);
    let signing_key = KeyPair::generate().unwrap();
    let cert = params.self_signed(&signing_key).unwrap();
    let good = self_signed("localhost").unwrap();
    let old = CertifiedKey { cert, signing_key };
    write_certificate(house.directory.path(), &old);
    let mut server = house.start();
    let told = server
        .said
        .iter()
        .find(|line| line.contains("the certificate has expired"));
    let told = told.expect("nothing was said").clone();
    assert!(told.contains("2020-03-01") && told.contains("ERROR"), "{told}");
    // What browsers see.
    let expired = trusting(&house.directory.path().join("certificate.pem"));
    let error = http(&expired).get(server.url("/healthz")).send().await.unwrap_err();
    assert!(format!("{error:?}").contains("Expired"), "{error:?}");

    write_certificate(house.directory.path(), &good);
    server.logged("the new certificate is shown");
    assert!(is_shown(&good, &server).await);

    // In the place of a good one it is refused.
    write_certificate(house.directory.path(), &old);
    let refused = server.logged("the new certificate is refused; the old one stays in use");
    assert!(refused.contains("2020-03-01"), "{refused}");
    assert!(is_shown(&good, &server).await);
}
