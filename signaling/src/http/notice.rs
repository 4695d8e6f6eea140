//! Pages that say what is wrong and what to do, in Swedish and English.

use super::Doors;
use super::metrics::Fault;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Response};
use lika_auth::html::escape;

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
    NoProvider,
    LoginDone,
    AdministratorIn,
    AdministratorOut,
    TooSlow,
    LoginCancelled,
    LoginOver,
    LoginElsewhere,
    LoginRefused,
    LevelNotMet,
    ProviderDown,
    NotInvited,
    NothingToMatch,
    ForeignForm,
    SignedOut,
}

/// A heading and what to do.
struct Words {
    heading: &'static str,
    advice: &'static str,
}

impl Notice {
    const fn status(self) -> StatusCode {
        match self {
            Self::UnknownInvitation | Self::NotFound | Self::NoProvider => StatusCode::NOT_FOUND,
            Self::UsedInvitation | Self::ExpiredInvitation | Self::RevokedInvitation => StatusCode::GONE,
            Self::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
            Self::AdministratorOut => StatusCode::UNAUTHORIZED,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TryAgain | Self::PageNotBuilt | Self::ProviderDown => StatusCode::SERVICE_UNAVAILABLE,
            Self::LoginCancelled | Self::LoginOver | Self::LoginElsewhere => StatusCode::BAD_REQUEST,
            Self::LoginRefused | Self::LevelNotMet | Self::NotInvited | Self::NothingToMatch | Self::ForeignForm => {
                StatusCode::FORBIDDEN
            }
            Self::Front | Self::LoginDone | Self::AdministratorIn | Self::SignedOut => StatusCode::OK,
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
            Self::NoProvider => (
                "Här kan man inte legitimera sig",
                "Den här installationen har ingen leverantör av legitimering. Öppna den personliga länken i din inbjudan.",
            ),
            Self::LoginDone => (
                "Du är legitimerad",
                "Gå tillbaka till fliken med sammanträdet; det fortsätter av sig självt. Den här fliken kan du stänga.",
            ),
            Self::AdministratorIn => (
                "Du är inloggad som administratör",
                "Du loggas ut en timme efter att du slutat använda sekreterarens sida, och senast efter åtta timmar. Du finns inte själv i någon röstlängd.",
            ),
            Self::AdministratorOut => (
                "Du har loggats ut",
                "Ingenting har sparats. Logga in i en annan flik. Ladda sedan om den här och låt webbläsaren skicka igen: det du skrev följer med.",
            ),
            Self::TooSlow => (
                "Det tog för lång tid",
                "Kontrollera på sidan om det blev gjort, och försök annars igen om en stund.",
            ),
            Self::LoginCancelled => (
                "Legitimeringen avbröts",
                "Gå tillbaka till sammanträdet och välj Legitimera dig när du vill försöka igen.",
            ),
            Self::LoginOver => (
                "Legitimeringen gäller inte längre",
                "Den är redan använd, tog för lång tid eller hör till ett annat försök. Börja om från sammanträdet.",
            ),
            Self::LoginElsewhere => (
                "Legitimeringen påbörjades i en annan webbläsare",
                "Börja om i den webbläsare där du har sammanträdet, och tillåt kakor för den här sidan.",
            ),
            Self::LoginRefused => (
                "Legitimeringen godtogs inte",
                "Försök igen. Kontakta sekreteraren om det fortsätter; it-avdelningen ser orsaken i loggen.",
            ),
            Self::LevelNotMet => (
                "Legitimeringen räcker inte",
                "Sammanträdet kräver en högre tillitsnivå. Välj en annan e-legitimation, eller kontakta sekreteraren.",
            ),
            Self::ProviderDown => (
                "Leverantören av legitimering svarar inte",
                "Försök igen om en stund, eller välj en annan leverantör. Den som redan är inne påverkas inte. Kontakta sekreteraren om sammanträdet har börjat.",
            ),
            Self::NotInvited => (
                "Du finns inte i någon röstlängd",
                "Inget kommande sammanträde har dig som inbjuden. Öppna länken i din inbjudan, eller kontakta sekreteraren.",
            ),
            Self::NothingToMatch => (
                "Det finns inget att jämföra legitimeringen med",
                "Sekreteraren har inte angett ditt personnummer för sammanträdet. Be sekreteraren, eller be ordföranden gå i god för dig.",
            ),
            Self::ForeignForm => (
                "Begäran kom från en annan webbplats",
                "Ingenting har ändrats. Gör om det på sammanträdets egen sida.",
            ),
            Self::SignedOut => (
                "Du är utloggad",
                "Öppna länken i din inbjudan eller legitimera dig igen för att komma tillbaka. Stäng webbläsaren om andra använder datorn.",
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
            Self::NoProvider => (
                "Nobody can log in here",
                "This installation has no provider of electronic identification. Open the personal link in your invitation.",
            ),
            Self::LoginDone => (
                "You are logged in",
                "Go back to the tab with the meeting; it goes on by itself. You can close this tab.",
            ),
            Self::AdministratorIn => (
                "You are logged in as an administrator",
                "You are logged out an hour after you stop using the secretary's page, and after eight hours at the latest. You are in no roster yourself.",
            ),
            Self::AdministratorOut => (
                "You have been logged out",
                "Nothing was saved. Log in in another tab. Then reload this one and let the browser send again: what you wrote goes with it.",
            ),
            Self::TooSlow => (
                "It took too long",
                "See on the page whether it was done, and otherwise try again in a while.",
            ),
            Self::LoginCancelled => (
                "The login was cancelled",
                "Go back to the meeting and choose Prove who you are when you want to try again.",
            ),
            Self::LoginOver => (
                "This login is over",
                "It has been used, took too long or belongs to another attempt. Begin again from the meeting.",
            ),
            Self::LoginElsewhere => (
                "The login was begun in another browser",
                "Begin again in the browser where you have the meeting, and allow cookies for this site.",
            ),
            Self::LoginRefused => (
                "The login was refused",
                "Try again. Contact the secretary if it goes on; the IT department finds the cause in the log.",
            ),
            Self::LevelNotMet => (
                "This login is not enough",
                "The meeting requires a higher level of assurance. Choose another electronic identification, or contact the secretary.",
            ),
            Self::ProviderDown => (
                "The provider of the login does not answer",
                "Try again in a while, or choose another provider. Those who are inside are not affected. Contact the secretary if the meeting has begun.",
            ),
            Self::NotInvited => (
                "You are in no roster",
                "No coming meeting has you among the invited. Open the link in your invitation, or contact the secretary.",
            ),
            Self::NothingToMatch => (
                "There is nothing to compare the login with",
                "The secretary has not given your personal identity number for this meeting. Ask the secretary, or ask the chair to vouch for you.",
            ),
            Self::ForeignForm => (
                "The request came from another site",
                "Nothing was changed. Do it again on the meeting's own page.",
            ),
            Self::SignedOut => (
                "You are signed out",
                "Open the link in your invitation or log in again to come back. Close the browser if others use this computer.",
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
        let body = format!(
            "<h1>{}</h1>\n<p>{}</p>\n{}<section lang=\"en\">\n<h2>{}</h2>\n<p>{}</p>\n</section>\n",
            sv.heading,
            escape(sv.advice),
            self.way_on(),
            en.heading,
            escape(en.advice),
        );
        let mut answer = (self.status(), Html(page(sv.heading, &body))).into_response();
        if self == Self::TryAgain {
            answer.extensions_mut().insert(Fault);
        }
        answer
    }
}

impl Notice {
    /// Where the person probably wants to go.
    const fn way_on(self) -> &'static str {
        match self {
            Self::LoginCancelled | Self::LoginOver | Self::LoginRefused | Self::LevelNotMet | Self::ProviderDown => {
                "<p class=\"ways\"><a class=\"button\" href=\"/sign-in\">Försök igen / Try again</a> \
                 <a href=\"/meeting\">Till sammanträdet / To the meeting</a></p>\n"
            }
            Self::LoginDone | Self::NothingToMatch | Self::ForeignForm => {
                "<p class=\"ways\"><a href=\"/meeting\">Till sammanträdet / To the meeting</a></p>\n"
            }
            Self::AdministratorIn => {
                "<p class=\"ways\"><a class=\"button\" href=\"/admin\">Till sekreterarens sida / To the secretary's page</a>\
                 </p>\n"
            }
            Self::AdministratorOut => {
                "<p class=\"ways\"><a class=\"button\" href=\"/admin/sign-in\" target=\"_blank\" rel=\"noopener\">Logga in i en ny flik \
                 / Log in in a new tab</a></p>\n"
            }
            _ => "",
        }
    }
}

/// A provider to choose.
pub(super) struct Button {
    pub(super) label: String,
    pub(super) address: String,
}

/// The providers side by side.
pub(super) fn choice_page(buttons: &[Button]) -> Html<String> {
    let link = |one: &Button| {
        format!(
            "<li><a class=\"button\" href=\"{}\">{}</a></li>\n",
            escape(&one.address),
            escape(&one.label)
        )
    };
    let links: String = buttons.iter().map(link).collect();
    let body = format!(
        "<h1>Legitimera dig</h1>\n<p>Välj hur du vill legitimera dig. <span lang=\"en\">Choose how to log in.</span></p>\n\
         <ul class=\"choice\">\n{links}</ul>\n"
    );
    Html(page("Legitimera dig", &body))
}

/// The meetings of a person who is in several rosters.
pub(super) fn meeting_page(titles: &[String]) -> Html<String> {
    let button = |(at, title): (usize, &String)| {
        format!(
            "<li><button class=\"button\" name=\"meeting\" value=\"{at}\">{}</button></li>\n",
            escape(title)
        )
    };
    let buttons: String = titles.iter().enumerate().map(button).collect();
    let body = format!(
        "<h1>Vilket sammanträde?</h1>\n<p>Du är inbjuden till flera. <span lang=\"en\">You are invited to several \
         meetings; choose one.</span></p>\n<form method=\"post\" action=\"/sign-in/meeting\">\n\
         <ul class=\"choice\">\n{buttons}</ul>\n</form>\n"
    );
    Html(page("Vilket sammanträde?", &body))
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"sv\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} – Lika</title>\n\
         <link rel=\"stylesheet\" href=\"{STYLE_PATH}\">\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}

/// Their style; the content security policy allows none in the page itself.
pub(super) async fn style(State(doors): State<Doors>) -> impl IntoResponse {
    let banner = if doors.stores.for_tests { TEST_BANNER } else { "" };
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE.to_owned() + banner)
}

const STYLE: &str = include_str!("notice.css");
/// Every page says it when identities are for tests.
const TEST_BANNER: &str = "body::before {
  content: \"Prov: identiteterna är påhittade. / Test: the identities are invented.\";
  display: block;
  padding: 0.5rem 1.5rem;
  background: #ffd54a;
  color: #000;
}
";

#[cfg(test)]
mod tests {
    use super::{Button, Notice, choice_page, meeting_page};

    #[test]
    fn what_others_wrote_is_shown_as_text() {
        let button = Button {
            label: "<b>".into(),
            address: "/sign-in/a\"b".into(),
        };
        let page = choice_page(&[button]).0 + &meeting_page(&["<script>".into()]).0;
        assert!(page.contains("&lt;b&gt;") && page.contains("a&quot;b") && page.contains("&lt;script&gt;"));
    }

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
            Notice::NoProvider,
            Notice::LoginDone,
            Notice::AdministratorIn,
            Notice::AdministratorOut,
            Notice::TooSlow,
            Notice::LoginCancelled,
            Notice::LoginOver,
            Notice::LoginElsewhere,
            Notice::LoginRefused,
            Notice::LevelNotMet,
            Notice::ProviderDown,
            Notice::NotInvited,
            Notice::NothingToMatch,
            Notice::ForeignForm,
            Notice::SignedOut,
        ];
        for notice in all {
            assert_ne!(notice.swedish().heading, notice.english().heading, "{notice:?}");
            assert_ne!(notice.swedish().advice, notice.english().advice, "{notice:?}");
        }
    }
}
