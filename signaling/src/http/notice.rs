//! Pages that say what is wrong and what to do, in Swedish and English.

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Response};

pub(super) const STYLE_PATH: &str = "/notice.css";

/// What a visitor is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    UnknownInvitation,
    UsedInvitation,
    ExpiredInvitation,
    RevokedInvitation,
    TooManyAttempts,
    TryAgain,
    NotFound,
    PageNotBuilt,
    Front,
}

/// A heading and what to do.
struct Words {
    heading: &'static str,
    advice: &'static str,
}

impl Notice {
    const fn status(self) -> StatusCode {
        match self {
            Self::UnknownInvitation | Self::NotFound => StatusCode::NOT_FOUND,
            Self::UsedInvitation | Self::ExpiredInvitation | Self::RevokedInvitation => StatusCode::GONE,
            Self::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
            Self::TryAgain | Self::PageNotBuilt => StatusCode::SERVICE_UNAVAILABLE,
            Self::Front => StatusCode::OK,
        }
    }

    const fn swedish(self) -> Words {
        let (heading, advice) = match self {
            Self::UnknownInvitation => (
                "Inbjudan finns inte",
                "Kontrollera att hela länken följde med, eller be sekreteraren om en ny.",
            ),
            Self::UsedInvitation => (
                "Inbjudan är redan använd",
                "Länken gäller en gång. Fortsätt i den webbläsare där du öppnade den, eller be sekreteraren om en ny.",
            ),
            Self::ExpiredInvitation => ("Inbjudan har gått ut", "Be sekreteraren om en ny."),
            Self::RevokedInvitation => ("Inbjudan är återkallad", "Kontakta sekreteraren."),
            Self::TooManyAttempts => ("För många försök", "Vänta en minut och öppna länken igen."),
            Self::TryAgain => (
                "Det gick inte just nu",
                "Försök igen om en stund. Kontakta sekreteraren om det fortsätter.",
            ),
            Self::NotFound => ("Sidan finns inte", "Öppna länken i din inbjudan."),
            Self::PageNotBuilt => (
                "Mötessidan är inte byggd",
                "Kör npm --prefix signaling/web ci && npm --prefix signaling/web run build och bygg sedan lika igen.",
            ),
            Self::Front => (
                "Lika",
                "Öppna den personliga länken i din inbjudan för att delta i sammanträdet.",
            ),
        };
        Words { heading, advice }
    }

    const fn english(self) -> Words {
        let (heading, advice) = match self {
            Self::UnknownInvitation => (
                "There is no such invitation",
                "Check that you have the whole link, or ask the secretary for a new one.",
            ),
            Self::UsedInvitation => (
                "The invitation has been used",
                "The link works once. Go on in the browser where you opened it, or ask the secretary for a new one.",
            ),
            Self::ExpiredInvitation => ("The invitation has expired", "Ask the secretary for a new one."),
            Self::RevokedInvitation => ("The invitation was revoked", "Contact the secretary."),
            Self::TooManyAttempts => ("Too many attempts", "Wait a minute and open the link again."),
            Self::TryAgain => (
                "That did not work just now",
                "Try again in a while. Contact the secretary if it goes on.",
            ),
            Self::NotFound => ("There is no such page", "Open the link in your invitation."),
            Self::PageNotBuilt => (
                "The meeting page has not been built",
                "Run npm --prefix signaling/web ci && npm --prefix signaling/web run build, then build lika again.",
            ),
            Self::Front => (
                "Lika",
                "Open the personal link in your invitation to take part in the meeting.",
            ),
        };
        Words { heading, advice }
    }
}

impl IntoResponse for Notice {
    fn into_response(self) -> Response {
        let (sv, en) = (self.swedish(), self.english());
        let page = format!(
            "<!doctype html>\n<html lang=\"sv\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{} – Lika</title>\n\
             <link rel=\"stylesheet\" href=\"{STYLE_PATH}\">\n</head>\n<body>\n<main>\n<h1>{}</h1>\n<p>{}</p>\n\
             <section lang=\"en\">\n<h2>{}</h2>\n<p>{}</p>\n</section>\n</main>\n</body>\n</html>\n",
            sv.heading,
            sv.heading,
            sv.advice.replace('&', "&amp;"),
            en.heading,
            en.advice.replace('&', "&amp;"),
        );
        (self.status(), Html(page)).into_response()
    }
}

/// Their style; the content security policy allows none in the page itself.
pub(super) async fn style() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("notice.css"))
}

#[cfg(test)]
mod tests {
    use super::Notice;

    #[test]
    fn every_notice_is_worded_in_both_languages() {
        let all = [
            Notice::UnknownInvitation,
            Notice::UsedInvitation,
            Notice::ExpiredInvitation,
            Notice::RevokedInvitation,
            Notice::TooManyAttempts,
            Notice::TryAgain,
            Notice::NotFound,
            Notice::PageNotBuilt,
        ];
        for notice in all {
            assert_ne!(notice.swedish().heading, notice.english().heading, "{notice:?}");
            assert_ne!(notice.swedish().advice, notice.english().advice, "{notice:?}");
        }
    }
}
