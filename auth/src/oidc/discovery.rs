//! The provider's metadata (OpenID Connect Discovery 1.0) and keys, fetched when first needed and kept for a while.

use super::error::{OidcError, foreign};
use super::http::{Http, HttpError, is_safe};
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode,
    CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, DiscoveryError, IssuerUrl, JsonWebKeySet, ProviderMetadata};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Mutex;
use url::Url;

/// How long metadata and keys are used before they are asked for anew.
pub const METADATA_AGE_MS: i64 = 60 * 60 * 1000;

/// How long they are used when they cannot be had anew: a provider whose metadata is down may still log people in.
pub const STALE_METADATA_AGE_MS: i64 = 24 * METADATA_AGE_MS;

/// After a failure nobody asks again for so long: a provider that is down is not made slower, and persons who wait are
/// told at once.
pub const RETRY_INTERVAL_MS: i64 = 5 * 1000;

/// Tokens that name an unknown key make us ask for the keys this often and no more: anybody can make such a token up.
pub const UNKNOWN_KEY_INTERVAL_MS: i64 = 60 * 1000;

/// What openidconnect does not know of metadata.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Extensions {
    /// RFC 9126 section 5.
    pub(super) pushed_authorization_request_endpoint: Option<Url>,
    /// RFC 9126 section 5.
    #[serde(default)]
    pub(super) require_pushed_authorization_requests: bool,
    /// RFC 9101 section 10.5.
    #[serde(default)]
    pub(super) require_signed_request_object: bool,
    /// RFC 9207 section 3.
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
    /// RFC 8414 section 2.
    pub(super) code_challenge_methods_supported: Option<Vec<String>>,
    /// OpenID Connect RP-Initiated Logout 1.0 section 2.1.
    pub(super) end_session_endpoint: Option<Url>,
    /// OpenID Connect Back-Channel Logout 1.0 section 2.1.
    #[serde(default)]
    pub(super) backchannel_logout_supported: bool,
}

impl AdditionalProviderMetadata for Extensions {}

pub(super) type Metadata = ProviderMetadata<
    Extensions,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

#[derive(Default)]
struct Kept {
    metadata: Option<Arc<Metadata>>,
    fetched_ms: i64,
    failed: Option<(i64, OidcError)>,
    keys_asked_ms: Option<i64>,
}

/// What is known of one provider. Whoever comes while it is being fetched waits for that and does not fetch again.
#[derive(Default)]
pub(super) struct Discovery(Mutex<Kept>);

impl Discovery {
    /// The metadata with the keys in it.
    pub(super) async fn metadata(&self, http: &Http, issuer: &str, now_ms: i64) -> Result<Arc<Metadata>, OidcError> {
        let mut kept = self.0.lock().await;
        let age_ms = now_ms.saturating_sub(kept.fetched_ms);
        if let Some(metadata) = kept.metadata.as_ref().filter(|_| age_ms < METADATA_AGE_MS) {
            return Ok(metadata.clone());
        }
        let usable = kept.metadata.clone().filter(|_| age_ms < STALE_METADATA_AGE_MS);
        if let Some((failed_ms, error)) = &kept.failed
            && now_ms.saturating_sub(*failed_ms) < RETRY_INTERVAL_MS
        {
            return usable.ok_or_else(|| error.clone());
        }
        let asked = Instant::now();
        match fetch(http, issuer).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *kept = Kept {
                    metadata: Some(metadata.clone()),
                    fetched_ms: now_ms,
                    failed: None,
                    keys_asked_ms: kept.keys_asked_ms,
                };
                Ok(metadata)
            }
            Err(error) => {
                tracing::warn!(issuer, %error, "the provider's metadata cannot be fetched");
                // Those who have waited meanwhile are told, and do not wait for as long again each.
                let took_ms = i64::try_from(asked.elapsed().as_millis()).unwrap_or(i64::MAX);
                kept.failed = Some((now_ms.saturating_add(took_ms), error.clone()));
                usable.ok_or(error)
            }
        }
    }

    /// The metadata with the keys asked for anew, because a token names one that is not in `seen`. `None`: they were asked
    /// for a moment ago and it is not among them.
    pub(super) async fn newer_keys(
        &self,
        http: &Http,
        seen: &Arc<Metadata>,
        now_ms: i64,
    ) -> Result<Option<Arc<Metadata>>, OidcError> {
        let mut kept = self.0.lock().await;
        let Some(metadata) = kept.metadata.clone() else {
            return Ok(None);
        };
        if !Arc::ptr_eq(&metadata, seen) {
            return Ok(Some(metadata));
        }
        let asked = kept.keys_asked_ms;
        if asked.is_some_and(|asked_ms| now_ms.saturating_sub(asked_ms) < UNKNOWN_KEY_INTERVAL_MS) {
            return Ok(None);
        }
        kept.keys_asked_ms = Some(now_ms);
        let keys: CoreJsonWebKeySet = JsonWebKeySet::fetch_async(metadata.jwks_uri(), http)
            .await
            .map_err(from_library)?;
        let metadata = Arc::new((*metadata).clone().set_jwks(keys));
        kept.metadata = Some(metadata.clone());
        Ok(Some(metadata))
    }
}

/// Fetches metadata and keys, past what is kept.
pub(super) async fn fetch(http: &Http, issuer: &str) -> Result<Metadata, OidcError> {
    let url = IssuerUrl::new(issuer.to_owned()).map_err(|error| OidcError::Metadata(error.to_string()))?;
    let metadata = Metadata::discover_async(url, http).await.map_err(from_library)?;
    check(&metadata, issuer)?;
    Ok(metadata)
}

/// The issuer letter for letter, and no address that a secret must not be sent to.
fn check(metadata: &Metadata, issuer: &str) -> Result<(), OidcError> {
    if metadata.issuer().as_str() != issuer {
        let found = foreign(metadata.issuer().as_str());
        return Err(OidcError::Metadata(format!(
            "its issuer is \"{found}\", not \"{issuer}\""
        )));
    }
    let more = metadata.additional_metadata();
    let token_endpoint = metadata
        .token_endpoint()
        .ok_or_else(|| OidcError::Metadata("it has no token_endpoint".into()))?;
    let endpoints = [
        ("authorization_endpoint", Some(metadata.authorization_endpoint().url())),
        ("token_endpoint", Some(token_endpoint.url())),
        ("jwks_uri", Some(metadata.jwks_uri().url())),
        (
            "userinfo_endpoint",
            metadata.userinfo_endpoint().map(|endpoint| endpoint.url()),
        ),
        (
            "pushed_authorization_request_endpoint",
            more.pushed_authorization_request_endpoint.as_ref(),
        ),
        ("end_session_endpoint", more.end_session_endpoint.as_ref()),
    ];
    match endpoints
        .iter()
        .find(|(_, endpoint)| endpoint.is_some_and(|endpoint| !is_safe(endpoint)))
    {
        Some((name, _)) => Err(OidcError::Metadata(format!("its {name} is not an https address"))),
        None => Ok(()),
    }
}

fn from_library(error: DiscoveryError<HttpError>) -> OidcError {
    match error {
        DiscoveryError::Request(error) => OidcError::Http(error),
        DiscoveryError::Response(status, _, _) => OidcError::Metadata(format!("it is answered with status {status}")),
        DiscoveryError::Parse(error) => OidcError::Metadata(format!(
            "{} in {}",
            foreign(&error.inner().to_string()),
            foreign(&error.path().to_string())
        )),
        other => OidcError::Metadata(foreign(&other.to_string())),
    }
}
