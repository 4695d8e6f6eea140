//! One thing that `lika doctor oidc` found.

/// A text in both languages of the product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Swedish.
    pub sv: String,
    /// English.
    pub en: String,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// Reaching the provider; its metadata, issuer, addresses and keys.
    Discovery,
    /// Our clock and the provider's.
    Clock,
    /// What the provider signs with.
    Algorithms,
    /// The keys it publishes.
    Keys,
    /// How we show who we are, by what its metadata says.
    ClientAuthentication,
    /// The same, tried.
    TokenEndpoint,
    /// Pushed requests, tried where they are offered.
    PushedRequests,
    /// Signed requests.
    SignedRequests,
    /// PKCE.
    Pkce,
    /// `iss` in the callback.
    IssuerParameter,
    /// Levels of assurance.
    Levels,
    /// Logging out.
    Logout,
}

/// How it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// It works, but less well than it could, or it cannot be told.
    Warning,
    /// Nobody will be able to log in.
    Failed,
}

/// One thing found: the cause, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub step: Step,
    /// How it stands.
    pub outcome: Outcome,
    /// In words.
    pub text: Text,
}

/// A finding in both languages.
pub(super) fn found(step: Step, outcome: Outcome, sv: impl Into<String>, en: impl Into<String>) -> Finding {
    let text = Text {
        sv: sv.into(),
        en: en.into(),
    };
    Finding { step, outcome, text }
}
