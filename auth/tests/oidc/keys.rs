//! Keys of providers and clients, made once a run.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, encode};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// A private key and what is known of it.
pub(crate) struct Key {
    pub(crate) pem: String,
    private: EncodingKey,
    pub(crate) alg: Algorithm,
}

/// What the good provider signs with.
pub(crate) static PROVIDER: LazyLock<Key> = LazyLock::new(|| Key::ec(Algorithm::ES256));
/// What somebody else signs with.
pub(crate) static STRANGER: LazyLock<Key> = LazyLock::new(|| Key::ec(Algorithm::ES256));
/// A provider's key of the other kind.
pub(crate) static RSA: LazyLock<Key> = LazyLock::new(|| Key::rsa(Algorithm::RS256));
/// What we sign with.
pub(crate) static CLIENT: LazyLock<Key> = LazyLock::new(|| Key::ec(Algorithm::ES256));

impl Key {
    fn ec(alg: Algorithm) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let der = pair.to_pkcs8v1().unwrap();
        let pem = pem(der.as_ref());
        let private = EncodingKey::from_ec_pem(pem.as_bytes()).unwrap();
        Self { pem, private, alg }
    }

    fn rsa(alg: Algorithm) -> Self {
        let pair = aws_lc_rs::rsa::KeyPair::generate(KeySize::Rsa2048).unwrap();
        let pem = pem(pair.as_der().unwrap().as_ref());
        let private = EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
        Self { pem, private, alg }
    }

    pub(crate) fn sign(&self, kid: Option<&str>, typ: &str, claims: &Value) -> String {
        self.sign_as(self.alg, kid, typ, claims)
    }

    pub(crate) fn sign_as(&self, alg: Algorithm, kid: Option<&str>, typ: &str, claims: &Value) -> String {
        let mut header = Header::new(alg);
        header.kid = kid.map(str::to_owned);
        header.typ = Some(typ.to_owned());
        encode(&header, claims, &self.private).unwrap()
    }

    /// With a header that whoever reads it must understand.
    pub(crate) fn sign_critical(&self, kid: &str, claims: &Value) -> String {
        let mut header = Header::new(self.alg);
        header.kid = Some(kid.to_owned());
        header.crit = Some(vec!["b64".to_owned()]);
        encode(&header, claims, &self.private).unwrap()
    }

    /// As a key set publishes it.
    pub(crate) fn public(&self, kid: &str) -> Value {
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&self.private, self.alg).unwrap()).unwrap();
        jwk["kid"] = json!(kid);
        jwk["use"] = json!("sig");
        jwk.as_object_mut().unwrap().remove("alg");
        jwk
    }

    pub(crate) fn verifying(&self) -> DecodingKey {
        DecodingKey::from_jwk(&serde_json::from_value(self.public("any")).unwrap()).unwrap()
    }
}

/// Signed by nobody.
pub(crate) fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(&json!({"alg": "none", "typ": "JWT"})), part(claims))
}

/// With a MAC under a secret that the verifier may know.
pub(crate) fn hmac(secret: &[u8], kid: &str, claims: &Value) -> String {
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(kid.to_owned());
    encode(&header, claims, &EncodingKey::from_secret(secret)).unwrap()
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        lines.join("\n")
    )
}
