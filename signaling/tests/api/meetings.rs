//! Meetings and invitations by the API.

use crate::calls::{new_meeting, next_year, token};
use crate::stage::{MEMBER, Stage};
use icalendar::{Calendar, Component as _, EventLike as _};
use lika_auth::Scope;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const WRITE: &[Scope] = &[Scope::MeetingsRead, Scope::MeetingsWrite];

#[tokio::test]
async fn a_meeting_convened_as_json_is_listed_shown_and_entered() {
    let stage = Stage::set().await;
    let token = token(&stage, "Ärendesystem", WRITE);
    let made = stage
        .call(Method::POST, "/api/meetings")
        .by(&token)
        .json(&new_meeting(false))
        .send()
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    assert_eq!(made.headers["location"], "/api/meetings/2");
    let told = made.json();
    assert_eq!(told["repeated"], false);
    let shown = stage
        .call(Method::GET, "/api/meetings/2")
        .by(&token)
        .send()
        .await
        .json();
    assert_eq!(
        (&shown["title"], &shown["phase"]),
        (&json!("Sammanträde 2"), &json!("planned"))
    );
    assert_eq!(shown["starts"], format!("{}-03-01T17:00:00Z", next_year()));
    assert_eq!(shown["participants"][1]["name"], "Ledamot 2");
    assert_eq!(shown["participants"][1]["party"], "Parti B");
    assert_eq!(shown["items"][0]["title"], "Ärende 1");
    let link = told["invitations"][1]["invitation"].as_str().unwrap();
    let mut browser = stage.browser();
    let path = link.split_once("/i/").unwrap().1;
    assert_eq!(
        browser.get(&format!("/i/{path}")).await.location.as_deref(),
        Some("/meeting")
    );
    assert_eq!(stage.page_with(&browser.session()).await.meeting.body, "Nämnden");
}

#[tokio::test]
async fn meetings_are_listed_newest_first_page_by_page() {
    let stage = Stage::set().await;
    let token = token(&stage, "a", WRITE);
    for _ in 0..4 {
        let made = stage
            .call(Method::POST, "/api/meetings")
            .by(&token)
            .json(&new_meeting(false))
            .send()
            .await;
        assert_eq!(made.status, StatusCode::CREATED);
    }
    let (mut next, mut pages) = (Some("/api/meetings?limit=2".to_owned()), Vec::new());
    while let Some(path) = next {
        let page = stage.call(Method::GET, &path).by(&token).send().await.json();
        let numbers = page["meetings"].as_array().unwrap().iter();
        pages.push(numbers.map(|one| one["meeting"].as_u64().unwrap()).collect::<Vec<_>>());
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(pages, [vec![5, 4], vec![3, 2], vec![1]]);
    for wrong in [
        "limit=0",
        "limit=101",
        "limit=x",
        "before=0",
        "before=9223372036854775808",
        "page=2",
    ] {
        let answer = stage
            .call(Method::GET, &format!("/api/meetings?{wrong}"))
            .by(&token)
            .send()
            .await;
        assert_eq!(
            (answer.status, &*answer.code()),
            (StatusCode::BAD_REQUEST, "malformed"),
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn a_substitute_without_a_mandate_keeps_party_and_place_in_the_order() {
    let stage = Stage::set().await;
    let token = token(&stage, "a", WRITE);
    let mut meeting = new_meeting(false);
    meeting["participants"][1] =
        json!({ "role": "substitute", "name": "Ersättare 1", "party": "Parti A", "order_of_entry": 1 });
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
    let substitute = &shown["participants"][1];
    assert_eq!(
        (&substitute["mandate"], &substitute["order_of_entry"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(substitute["party"], "Parti A");
}

#[tokio::test]
async fn a_request_sent_again_convenes_one_meeting() {
    let stage = Stage::set().await;
    let token = token(&stage, "a", WRITE);
    let send = |meeting: Value| {
        let call = stage
            .call(Method::POST, "/api/meetings")
            .by(&token)
            .header("Idempotency-Key", "7f");
        call.json(&meeting).send()
    };
    let mut wrong = new_meeting(false);
    wrong["participants"] = json!([]);
    assert_eq!(
        send(wrong).await.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "it has failed and may be corrected"
    );
    let first = send(new_meeting(false)).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
    let again = send(new_meeting(false)).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(
        again.json(),
        json!({ "meeting": 2, "repeated": true, "invitations": [] })
    );
    let other = send(new_meeting(true)).await;
    assert_eq!(
        (other.status, &*other.code()),
        (StatusCode::UNPROCESSABLE_ENTITY, "key_used")
    );
    let list = stage.call(Method::GET, "/api/meetings").by(&token).send().await.json();
    assert_eq!(list["meetings"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_same_request_twice_at_once_convenes_one_meeting() {
    let stage = Stage::set().await;
    let token = token(&stage, "a", WRITE);
    let send = || {
        let call = stage
            .call(Method::POST, "/api/meetings")
            .by(&token)
            .header("Idempotency-Key", "7f");
        call.json(&new_meeting(false)).send()
    };
    let answers = futures_util::future::join_all((0..4).map(|_| send())).await;
    let made = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::CREATED)
        .count();
    assert_eq!(made, 1);
    for answer in answers.iter().filter(|answer| answer.status != StatusCode::CREATED) {
        assert!(
            answer.status == StatusCode::OK || answer.code() == "underway",
            "{answer:?}"
        );
    }
    let list = stage.call(Method::GET, "/api/meetings").by(&token).send().await.json();
    assert_eq!(list["meetings"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_cannot_be_a_meeting_is_explained() {
    let stage = Stage::set().await;
    let token = token(&stage, "a", WRITE);
    let with = |key: &str, value: Value| {
        let mut meeting = new_meeting(false);
        meeting[key] = value;
        meeting
    };
    for (meeting, told) in [
        (with("title", json!("")), "title"),
        (with("starts", json!("kl 18")), "RFC 3339"),
        (with("ends", json!("2026-03-01T17:00:00+01:00")), "end after"),
        (with("starts", json!("2999-03-01T17:00:00Z")), "year"),
        (with("starts", json!("2026-03-01T17:00:00Z")), "year"),
        (
            with("participants", json!([{ "role": "member", "name": "a" }])),
            "chair",
        ),
        (with("participants", json!([{ "role": "chair", "name": " " }])), "name"),
        (with("roster_csv", json!("x")), "one of them"),
        (with("participants", Value::Null), "one of them"),
        (with("colour", json!("blue")), "colour"),
        (with("requires", json!("loa9")), "loa9"),
    ] {
        let answer = stage
            .call(Method::POST, "/api/meetings")
            .by(&token)
            .json(&meeting)
            .send()
            .await;
        let (code, detail) = (answer.code(), answer.json()["detail"].as_str().unwrap().to_owned());
        assert_eq!(
            (answer.status, &*code),
            (StatusCode::UNPROCESSABLE_ENTITY, "bad_meeting"),
            "{detail}"
        );
        assert!(detail.contains(told), "{detail}");
    }
    let identity = json!([{ "role": "chair", "name": "a", "identity": "19900101-0000" }]);
    let identity = with("participants", identity);
    let answer = stage
        .call(Method::POST, "/api/meetings")
        .by(&token)
        .json(&identity)
        .send()
        .await;
    assert!(
        answer.text().contains("participant 1") && !answer.text().contains("0000"),
        "{}",
        answer.text()
    );
    // A number, and one in the wrong field.
    for key in ["identity", "name", "role", "mandate"] {
        let mut chair = json!({ "role": "chair", "name": "a" });
        chair[key] = json!(199_001_010_000_u64);
        let answer = stage
            .call(Method::POST, "/api/meetings")
            .by(&token)
            .json(&with("participants", json!([chair])))
            .send()
            .await;
        assert!(matches!(&*answer.code(), "bad_meeting" | "malformed"), "{key}");
        assert!(!answer.text().contains("9900101"), "{}", answer.text());
    }
    let broken = stage
        .call(Method::POST, "/api/meetings")
        .by(&token)
        .body("application/json", "{")
        .send()
        .await;
    assert_eq!((broken.status, &*broken.code()), (StatusCode::BAD_REQUEST, "malformed"));
    let picture = stage
        .call(Method::POST, "/api/meetings")
        .by(&token)
        .body("image/png", "{")
        .send()
        .await;
    assert_eq!(
        (picture.status, &*picture.code()),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type")
    );
    let large = " ".repeat(600 * 1024);
    let large = stage
        .call(Method::POST, "/api/meetings")
        .by(&token)
        .body("application/json", large)
        .send()
        .await;
    assert_eq!(
        (large.status, &*large.code()),
        (StatusCode::PAYLOAD_TOO_LARGE, "too_large")
    );
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let stage = Stage::set().await;
    let token = token(&stage, "a", &Scope::ALL);
    let far = u64::MAX.to_string();
    for (path, code) in [
        ("/api/meetings/99", "no_such_meeting"),
        ("/api/meetings/x", "no_such_meeting"),
        (&*format!("/api/meetings/{far}"), "no_such_meeting"),
        ("/api/meetings/99/export", "no_such_meeting"),
        ("/api/meetings/99/report", "no_such_meeting"),
        ("/api/meetings/99/calendar", "no_such_meeting"),
        ("/api/elsewhere", "not_found"),
        ("/api/meetings/1/elsewhere", "not_found"),
    ] {
        let answer = stage.call(Method::GET, path).by(&token).send().await;
        assert_eq!(
            (answer.status, &*answer.code()),
            (StatusCode::NOT_FOUND, code),
            "{path}"
        );
    }
    for participant in ["0", "99", "x", "4294967296"] {
        let path = format!("/api/meetings/1/participants/{participant}/invitations");
        for method in [Method::POST, Method::DELETE] {
            let answer = stage.call(method, &path).by(&token).send().await;
            assert_eq!(
                (answer.status, &*answer.code()),
                (StatusCode::NOT_FOUND, "no_such_participant")
            );
        }
    }
    let untimed = stage
        .call(Method::GET, "/api/meetings/1/calendar")
        .by(&token)
        .send()
        .await;
    assert_eq!((untimed.status, &*untimed.code()), (StatusCode::CONFLICT, "no_time"));
}

#[tokio::test]
async fn an_invitation_is_made_revoked_and_made_anew() {
    let stage = Stage::set().await;
    let token = token(&stage, "a", WRITE);
    let path = format!("/api/meetings/1/participants/{}/invitations", MEMBER.0);
    let invited = stage.call(Method::POST, &path).by(&token).send().await;
    assert_eq!(invited.status, StatusCode::CREATED);
    let told = invited.json();
    assert_eq!(
        (&told["participant"], &told["name"]),
        (&json!(MEMBER.0), &json!("Ledamot 1"))
    );
    assert_eq!(told["calendar"], Value::Null, "the meeting has no time");
    let link = |told: &Value| {
        told["invitation"]
            .as_str()
            .unwrap()
            .split_once("/i/")
            .unwrap()
            .1
            .to_owned()
    };
    let mut browser = stage.browser();
    let entered = browser.get(&format!("/i/{}", link(&told))).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER);
    let second = stage.call(Method::POST, &path).by(&token).send().await.json();
    assert_eq!(
        stage.call(Method::DELETE, &path).by(&token).send().await.status,
        StatusCode::NO_CONTENT
    );
    let refused = stage.get(&format!("/i/{}", link(&second))).await;
    assert_eq!(refused.status(), StatusCode::GONE);
    let third = stage.call(Method::POST, &path).by(&token).send().await.json();
    assert_eq!(
        stage.get(&format!("/i/{}", link(&third))).await.status(),
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn calendar_files_have_the_personal_link_or_none() {
    let stage = Stage::set().await;
    let token = token(&stage, "a", WRITE);
    let made = stage
        .call(Method::POST, "/api/meetings")
        .by(&token)
        .json(&new_meeting(false))
        .send()
        .await
        .json();
    let mut links = BTreeSet::new();
    for invitation in made["invitations"].as_array().unwrap() {
        let calendar: Calendar = invitation["calendar"].as_str().unwrap().parse().unwrap();
        let event = calendar.events().next().unwrap();
        assert_eq!(event.get_url(), invitation["invitation"].as_str());
        let starts = format!("{}0301T170000Z", next_year());
        assert_eq!(event.property_value("DTSTART"), Some(&*starts));
        assert_eq!(event.get_location(), Some("Sessionssalen"));
        links.insert(event.get_url().unwrap().to_owned());
    }
    assert_eq!(links.len(), 2);
    let file = stage
        .call(Method::GET, "/api/meetings/2/calendar")
        .by(&token)
        .send()
        .await;
    assert_eq!(file.kind, "text/calendar; charset=utf-8");
    assert_eq!(
        file.headers["content-disposition"],
        "attachment; filename=\"meeting-2.ics\""
    );
    let calendar: Calendar = file.text().parse().unwrap();
    let event = calendar.events().next().unwrap();
    assert_eq!((event.get_summary(), event.get_url()), (Some("Sammanträde 2"), None));
    assert!(!file.text().contains("/i/"));
}
