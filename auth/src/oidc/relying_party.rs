//! The relying party of one provider: the order of things. What is decided is decided in the other files.

use super::authenticated::{Authenticated, Told};
use super::callback::Callback;
use super::discovery::{Discovery, Metadata};
use super::error::{CallbackError, OidcError, TokenError, foreign};
use super::http::{Http, HttpError};
use super::keys::{Claims, verify};
use super::logout_token::{self, LogoutToken, Received};
use super::profile::Profile;
use super::request::{self, Parameters};
use super::settings::{AssertionAudience, ClientAuthentication, ProviderSettings, SettingsError};
use super::signer::{ASSERTION_TYPE, Signer};
use super::transaction::{Transaction, Wanted};
use super::{id_token, pushed_request, user_info};
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreErrorResponseType, CoreIdToken, CoreTokenResponse,
};
use openidconnect::{
    AccessToken, AuthType, AuthenticationContextClass, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, LanguageTag, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, StandardErrorResponse, TokenResponse as _,
};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use url::Url;

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// The relying party of one provider. Cheap to clone.
#[derive(Clone)]
pub struct RelyingParty(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) settings: ProviderSettings,
    pub(super) profile: Profile,
    pub(super) http: Http,
    signer: Option<Signer>,
    redirect_uri: RedirectUrl,
    discovery: Discovery,
    received: Mutex<Received>,
}

impl fmt::Debug for RelyingParty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RelyingParty").field(&self.0.settings.id).finish()
    }
}

impl RelyingParty {
    /// Checks the settings. The provider is not asked: one that is down must not keep the server from starting.
    ///
    /// # Errors
    /// [`SettingsError`].
    pub fn new(settings: ProviderSettings) -> Result<Self, SettingsError> {
        settings.validate()?;
        let redirect_uri = RedirectUrl::new(settings.redirect_uri.clone()).map_err(|_| SettingsError::Address {
            id: settings.id.clone(),
            key: "redirect_uri",
            value: settings.redirect_uri.clone(),
        })?;
        let http = Http::new(&settings).map_err(|source| SettingsError::Http {
            id: settings.id.clone(),
            source,
        })?;
        Ok(Self(Arc::new(Inner {
            profile: settings.profile(),
            signer: Signer::new(&settings.id, &settings.authentication)?,
            http,
            redirect_uri,
            settings,
            discovery: Discovery::default(),
            received: Mutex::default(),
        })))
    }

    /// The settings it was made with.
    #[must_use]
    pub fn settings(&self) -> &ProviderSettings {
        &self.0.settings
    }

    /// Begins a login. The transaction is kept in [`Transactions`](super::Transactions); the browser is sent to the address.
    ///
    /// # Errors
    /// [`OidcError`]: the provider cannot be reached or refuses the request.
    pub async fn begin(&self, wanted: &Wanted, now_ms: i64) -> Result<(Transaction, Url), OidcError> {
        let inner = &*self.0;
        let metadata = inner.metadata(now_ms).await?;
        let transaction = Transaction::begin(&inner.settings.id, wanted, now_ms)?;
        let plain = inner.parameters(&metadata, &transaction, wanted);
        let signed = inner.sign(plain, &metadata, now_ms)?;
        let more = metadata.additional_metadata();
        let sent = match more.pushed_authorization_request_endpoint.clone() {
            Some(endpoint) => {
                let proof = inner.proof(&metadata, now_ms)?;
                pushed_request::push(&inner.http, &endpoint, &signed, &inner.settings, proof).await?
            }
            None if inner.settings.require_par || more.require_pushed_authorization_requests => {
                let lack = "it has no pushed_authorization_request_endpoint, which require_par needs";
                return Err(OidcError::Metadata(lack.into()));
            }
            None => signed,
        };
        let mut url = metadata.authorization_endpoint().url().clone();
        url.query_pairs_mut().extend_pairs(sent);
        Ok((transaction, url))
    }

    /// Finishes a login: checks the callback, turns the code into tokens, checks those, and keeps what they say of the
    /// person and not the tokens.
    ///
    /// # Errors
    /// [`OidcError`]; the person is then not logged in.
    pub async fn finish(
        &self,
        transaction: Transaction,
        callback: &Callback,
        now_ms: i64,
    ) -> Result<Authenticated, OidcError> {
        let inner = &*self.0;
        if transaction.provider != inner.settings.id {
            return Err(CallbackError::OtherProvider.into());
        }
        callback.belongs_to(&transaction, &inner.settings.issuer, false)?;
        let metadata = inner.metadata(now_ms).await?;
        let iss_expected = metadata
            .additional_metadata()
            .authorization_response_iss_parameter_supported;
        callback.belongs_to(&transaction, &inner.settings.issuer, iss_expected)?;
        let code = callback.code()?;
        let tokens = inner.exchange(&metadata, code, &transaction, now_ms).await?;
        let id_token = tokens.id_token().ok_or(OidcError::IdToken(TokenError::Missing))?;
        let claims = inner
            .verify_id_token(id_token, tokens.access_token(), &transaction, metadata.clone(), now_ms)
            .await?;
        let mut told = Told {
            id_token: claims,
            user_info: Claims::new(),
        };
        if told.lacks(&inner.profile) {
            told.user_info = inner
                .user_info(&metadata, tokens.access_token(), &told.id_token, now_ms)
                .await?;
        }
        told.person(&inner.profile, &transaction, now_ms)
    }

    /// Takes a logout token that the provider posts (OpenID Connect Back-Channel Logout 1.0). The caller ends the sessions.
    ///
    /// # Errors
    /// [`OidcError`]; the caller answers with status 400 and ends nothing.
    pub async fn logged_out(&self, logout_token: &str, now_ms: i64) -> Result<LogoutToken, OidcError> {
        let inner = &*self.0;
        let metadata = inner.metadata(now_ms).await?;
        let claims = inner
            .with_newer_keys(metadata, now_ms, |metadata| {
                verify(logout_token, metadata.jwks(), &["logout+jwt", "jwt"])
            })
            .await?
            .map_err(OidcError::LogoutToken)?;
        let ProviderSettings {
            id, issuer, client_id, ..
        } = &inner.settings;
        let (token, jti) =
            logout_token::read(&claims, id, issuer, client_id, now_ms).map_err(OidcError::LogoutToken)?;
        let mut received = inner.received.lock().unwrap_or_else(PoisonError::into_inner);
        received.note(&jti, now_ms).map_err(OidcError::LogoutToken)?;
        Ok(token)
    }

    /// Where to send the browser so that the person is logged out at the provider too (OpenID Connect RP-Initiated Logout
    /// 1.0). Without `id_token_hint`, since tokens are not kept: the provider may ask the person. `None`: it offers none,
    /// or its metadata cannot be had.
    pub async fn end_session_url(&self, state: Option<&str>, now_ms: i64) -> Option<Url> {
        let inner = &*self.0;
        let metadata = inner.metadata(now_ms).await.ok()?;
        let mut url = metadata.additional_metadata().end_session_endpoint.clone()?;
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("client_id", &inner.settings.client_id);
            if let Some(back) = &inner.settings.post_logout_redirect_uri {
                query.append_pair("post_logout_redirect_uri", back);
            }
            if let Some(state) = state {
                query.append_pair("state", state);
            }
        }
        Some(url)
    }
}

impl Inner {
    async fn metadata(&self, now_ms: i64) -> Result<Arc<Metadata>, OidcError> {
        self.discovery.metadata(&self.http, &self.settings.issuer, now_ms).await
    }

    fn client(&self, metadata: &Metadata) -> Client {
        let (secret, kind) = match &self.settings.authentication {
            ClientAuthentication::ClientSecret(secret) => (Some(secret), AuthType::BasicAuth),
            ClientAuthentication::ClientSecretPost(secret) => (Some(secret), AuthType::RequestBody),
            ClientAuthentication::PrivateKeyJwt { .. } => (None, AuthType::RequestBody),
        };
        CoreClient::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.settings.client_id.clone()),
            secret.map(|secret| ClientSecret::new(secret.expose().to_owned())),
        )
        .set_auth_type(kind)
        .set_redirect_uri(self.redirect_uri.clone())
    }

    /// The request as it would go through the browser in the open.
    fn parameters(&self, metadata: &Metadata, transaction: &Transaction, wanted: &Wanted) -> Parameters {
        let client = self.client(metadata);
        let state = CsrfToken::new(transaction.state.reveal().to_string());
        let nonce = Nonce::new(transaction.nonce.reveal().to_string());
        let verifier = PkceCodeVerifier::new(transaction.verifier.reveal().to_string());
        let mut request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scopes(
                self.profile
                    .scopes
                    .iter()
                    .filter(|scope| *scope != "openid")
                    .cloned()
                    .map(Scope::new),
            );
        if self.profile.asking == super::Asking::AcrValues {
            for acr in self.profile.asked_for(wanted.level) {
                request = request.add_auth_context_value(AuthenticationContextClass::new(acr.to_owned()));
            }
        }
        if wanted.again || self.profile.always_again {
            request = request.add_prompt(CoreAuthPrompt::Login);
        }
        if let Some(max_age_s) = wanted.max_age_s {
            request = request.set_max_age(Duration::from_secs(max_age_s));
        }
        if let Some(language) = &wanted.language {
            request = request.add_ui_locale(LanguageTag::new(language.clone()));
        }
        for (name, value) in request::dialect(&self.profile, wanted) {
            request = request.add_extra_param(name, value);
        }
        for (name, value) in &self.settings.parameters {
            request = request.add_extra_param(name.clone(), value.clone());
        }
        // The endpoint's address may have a query of its own, which comes first.
        let own = metadata.authorization_endpoint().url().query_pairs().count();
        request.url().0.query_pairs().into_owned().skip(own).collect()
    }

    /// The same request as a signed request object (RFC 9101), where that is wanted.
    fn sign(&self, plain: Parameters, metadata: &Metadata, now_ms: i64) -> Result<Parameters, OidcError> {
        let required = metadata.additional_metadata().require_signed_request_object;
        let signer = match &self.signer {
            Some(signer) if self.profile.signed_requests || required => signer,
            None if required => {
                let lack = "the provider takes signed requests alone; configure private_key_jwt";
                return Err(OidcError::Ours(lack.into()));
            }
            _ => return Ok(plain),
        };
        let ProviderSettings { client_id, issuer, .. } = &self.settings;
        let object = signer.request_object(request::as_claims(&plain), client_id, issuer, now_ms)?;
        // OpenID Connect Core 1.0 section 6.1 wants these outside too.
        let outside = |name: &str| matches!(name, "client_id" | "response_type" | "scope");
        let mut signed: Parameters = plain.into_iter().filter(|(name, _)| outside(name)).collect();
        signed.push(("request".into(), object));
        Ok(signed)
    }

    /// What shows the provider who we are, beside a secret that goes another way.
    fn proof(&self, metadata: &Metadata, now_ms: i64) -> Result<Vec<(&'static str, String)>, OidcError> {
        let Some(signer) = &self.signer else {
            return Ok(Vec::new());
        };
        let audience = match (self.settings.assertion_audience, metadata.token_endpoint()) {
            (AssertionAudience::TokenEndpoint, Some(endpoint)) => endpoint.as_str(),
            _ => self.settings.issuer.as_str(),
        };
        Ok(vec![
            ("client_assertion_type", ASSERTION_TYPE.to_owned()),
            (
                "client_assertion",
                signer.assertion(&self.settings.client_id, audience, now_ms)?,
            ),
        ])
    }

    pub(super) async fn exchange(
        &self,
        metadata: &Metadata,
        code: &str,
        transaction: &Transaction,
        now_ms: i64,
    ) -> Result<CoreTokenResponse, OidcError> {
        let client = self.client(metadata);
        let mut request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| OidcError::Metadata(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(transaction.verifier.reveal().to_string()));
        for (name, value) in self.proof(metadata, now_ms)? {
            request = request.add_extra_param(name, value);
        }
        request.request_async(&self.http).await.map_err(no_token)
    }

    async fn verify_id_token(
        &self,
        token: &CoreIdToken,
        access_token: &AccessToken,
        transaction: &Transaction,
        metadata: Arc<Metadata>,
        now_ms: i64,
    ) -> Result<Claims, OidcError> {
        self.with_newer_keys(metadata, now_ms, |metadata| {
            let expected = id_token::Expected {
                issuer: metadata.issuer(),
                client_id: &self.settings.client_id,
                keys: metadata.jwks(),
                transaction,
                now_ms,
            };
            id_token::verify(token, access_token, &expected)
        })
        .await?
        .map_err(OidcError::IdToken)
    }

    async fn user_info(
        &self,
        metadata: &Arc<Metadata>,
        access_token: &AccessToken,
        id_token: &Claims,
        now_ms: i64,
    ) -> Result<Claims, OidcError> {
        let Some(endpoint) = metadata.userinfo_endpoint() else {
            return Ok(Claims::new());
        };
        let answer = user_info::fetch(&self.http, endpoint.url(), access_token).await?;
        let expected = user_info::Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            subject: super::keys::text(id_token, "sub").unwrap_or_default(),
            now_ms,
        };
        self.with_newer_keys(metadata.clone(), now_ms, |metadata| {
            user_info::read(&answer, metadata.jwks(), &expected)
        })
        .await?
        .map_err(OidcError::UserInfo)
    }

    /// Does it with the keys that are known and, if the one needed is not among them, once more with newer ones.
    async fn with_newer_keys<T>(
        &self,
        metadata: Arc<Metadata>,
        now_ms: i64,
        verify: impl Fn(&Metadata) -> Result<T, TokenError>,
    ) -> Result<Result<T, TokenError>, OidcError> {
        let first = verify(&metadata);
        if !matches!(first, Err(TokenError::UnknownKey)) {
            return Ok(first);
        }
        let newer = self.discovery.newer_keys(&self.http, &metadata, now_ms).await?;
        Ok(newer.map_or(first, |metadata| verify(&metadata)))
    }
}

/// Why there is no token. The answer itself may have tokens in it and is not told.
fn no_token(error: RequestTokenError<HttpError, StandardErrorResponse<CoreErrorResponseType>>) -> OidcError {
    match error {
        RequestTokenError::Request(error) => OidcError::Http(error),
        RequestTokenError::ServerResponse(answer) => OidcError::Exchange {
            code: foreign(answer.error().as_ref()),
            description: answer.error_description().map(|words| foreign(words)),
        },
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => OidcError::Exchange {
            code: "unreadable".into(),
            description: None,
        },
    }
}
