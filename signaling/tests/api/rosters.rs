//! Rosters as spreadsheets by the API.

use crate::calls::{new_meeting, token};
use crate::stage::Stage;
use lika_auth::Scope;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const GOOD: &str = "Roll;Namn;Parti;Inträdesordning;E-post\r\nOrdförande;Åsa Påhittad;Parti A;;a@example.se\r\n\
    Ersättare;Ersättare 1;Parti B;1;\r\n";

#[tokio::test]
async fn a_spreadsheet_is_checked_and_then_convened_with() {
    let stage = Stage::set().await;
    let token = token(&stage, "a", &[Scope::MeetingsRead, Scope::MeetingsWrite]);
    let windows_1252: Vec<u8> = GOOD.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let checked = stage
        .call(Method::POST, "/api/rosters")
        .by(&token)
        .body("text/csv", windows_1252)
        .send()
        .await;
    assert_eq!(checked.status, StatusCode::OK, "{}", checked.text());
    let roster = checked.json();
    assert_eq!(roster["ignored_columns"], json!(["E-post"]));
    assert_eq!(roster["participants"][0]["name"], "Åsa Påhittad");
    assert_eq!(roster["participants"][1]["order_of_entry"], 1);
    let mut meeting = new_meeting(false);
    meeting.as_object_mut().unwrap().remove("participants");
    meeting["roster_csv"] = GOOD.into();
    let made = stage
        .call(Method::POST, "/api/meetings")
        .by(&token)
        .json(&meeting)
        .send()
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let shown = stage
        .call(Method::GET, "/api/meetings/2")
        .by(&token)
        .send()
        .await
        .json();
    assert_eq!(shown["participants"][1]["order_of_entry"], 1);
    assert_eq!(shown["participants"][1]["party"], "Parti B");
}

#[tokio::test]
async fn everything_wrong_is_told_and_no_meeting_comes_of_it() {
    let stage = Stage::set().await;
    let token = token(&stage, "a", &[Scope::MeetingsRead, Scope::MeetingsWrite]);
    let bad = "Roll;Namn;Mandat\nOrdförande;Ordförande 1;1\nLedamott;Ledamot 1;2\nLedamot;;1\n";
    let mut meeting = new_meeting(false);
    meeting.as_object_mut().unwrap().remove("participants");
    meeting["roster_csv"] = bad.into();
    let checked = stage
        .call(Method::POST, "/api/rosters")
        .by(&token)
        .body("text/csv", bad)
        .send()
        .await;
    let convened = stage
        .call(Method::POST, "/api/meetings")
        .by(&token)
        .json(&meeting)
        .send()
        .await;
    for answer in [checked, convened] {
        assert_eq!(
            (answer.status, &*answer.code()),
            (StatusCode::UNPROCESSABLE_ENTITY, "bad_rows")
        );
        let rows = answer.json()["rows"].clone();
        let row = |at: usize| {
            (
                &rows[at]["row"],
                &rows[at]["column"],
                &rows[at]["value"],
                &rows[at]["code"],
            )
        };
        assert_eq!(
            row(0),
            (&json!(3), &json!("Roll"), &json!("Ledamott"), &json!("unknown_role"))
        );
        assert_eq!(row(1), (&json!(4), &json!("Namn"), &Value::Null, &json!("no_name")));
        assert!(rows[0]["sv"].as_str().unwrap().contains("Ledamot,"), "{rows}");
        assert!(rows[0]["en"].as_str().unwrap().contains("Member,"), "{rows}");
    }
    let list = stage.call(Method::GET, "/api/meetings").by(&token).send().await.json();
    assert_eq!(list["meetings"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_no_spreadsheet_is_refused() {
    let stage = Stage::set().await;
    let token = token(&stage, "a", &[Scope::MeetingsWrite]);
    let workbook = stage
        .call(Method::POST, "/api/rosters")
        .by(&token)
        .body("text/csv", &b"PK\x03\x04"[..])
        .send()
        .await;
    assert_eq!(workbook.json()["rows"][0]["code"], "workbook");
    let json = stage
        .call(Method::POST, "/api/rosters")
        .by(&token)
        .body("application/json", "{}")
        .send()
        .await;
    assert_eq!(
        (json.status, &*json.code()),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type")
    );
}
