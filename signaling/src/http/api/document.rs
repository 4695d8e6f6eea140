//! The document that describes the API (OpenAPI 3.1).

use super::problem::Problem;
use super::{exports, invitations, meetings, rosters};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, ResponseBuilder, SecurityRequirement};
use utoipa::{Modify, OpenApi as _};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Lika",
        description = "Meetings, rosters, invitations and records of a Lika server. docs/api.md tells how it is used.",
        license(name = "EUPL-1.2", identifier = "EUPL-1.2")
    ),
    paths(
        serve,
        meetings::list, meetings::create, meetings::show,
        rosters::check,
        invitations::invite, invitations::revoke, invitations::calendar,
        exports::export, exports::report
    ),
    components(schemas(Problem)),
    tags(
        (name = "meetings", description = "Meetings and rosters"),
        (name = "invitations", description = "Personal links and calendar files"),
        (name = "records", description = "Exports and reports"),
        (name = "document", description = "This document")
    ),
    modifiers(&Security, &Problems)
)]
struct Document;

/// The document itself.
#[must_use]
pub fn document() -> OpenApi {
    Document::openapi()
}

/// This document
///
/// Public: it tells nothing of any meeting.
#[utoipa::path(
    get, path = "/api/openapi.json", tag = "document", security(()),
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json", body = serde_json::Value))
)]
pub(super) async fn serve() -> impl IntoResponse {
    let text = document().to_json().unwrap_or_default();
    ([(CONTENT_TYPE, "application/json")], text)
}

/// A token, or the cookie of an administrator.
struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "An API token (`lika token create`) with the scope that the operation names, or the administrator's token",
            ))
            .build();
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        let cookie = ApiKeyValue::with_description(
            crate::http::admin::COOKIE,
            "The session of an administrator who has logged in, sent by this site's own pages alone",
        );
        components.add_security_scheme("administrator", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        let none: [&str; 0] = [];
        document.security = Some(vec![
            SecurityRequirement::new("token", none),
            SecurityRequirement::new("administrator", none),
        ]);
    }
}

/// What any operation may be refused with, so that none has to repeat it.
struct Problems;

impl Modify for Problems {
    fn modify(&self, document: &mut OpenApi) {
        for item in document.paths.paths.values_mut() {
            for operation in operations(item) {
                if operation.security.is_none() {
                    refusals(operation);
                }
            }
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.delete].into_iter().flatten()
}

fn refusals(operation: &mut Operation) {
    let mut add = |status: &str, description: &str| {
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .build();
        let response = ResponseBuilder::new()
            .description(description)
            .content("application/problem+json", content)
            .build();
        let responses = &mut operation.responses.responses;
        responses.entry(status.into()).or_insert_with(|| response.into());
    };
    add("400", "The request cannot be read");
    add("401", "No token or cookie that is known");
    add("403", "The token does not have the scope");
    add("404", "There is no such thing");
    add("408", "It took too long");
    add("429", "Too many requests from this address");
    add("503", "The server cannot do it now; see its log");
    if operation.request_body.is_some() {
        add("413", "The body is too large");
        add("415", "The body has another type");
        add("422", "The meeting cannot be as it is described");
    }
}
