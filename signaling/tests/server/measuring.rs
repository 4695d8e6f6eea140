//! Who is told what of the measurement.

use crate::stage::{CHAIR, MEMBER, Page, SECRETARY, Stage, say};
use lika::equal_terms::Matrix;
use lika::meeting::{Attendance, ParticipantId};
use lika::protocol::{Battery, ClientMessage, DeviceView, Network, Report, ServerMessage};

const BATTERY: Battery = Battery {
    percent: 12,
    charging: false,
};

/// Whom it is about, the matrix and the devices of a page's next verdict that is so.
async fn quality(page: &mut Page, so: impl Fn(&[DeviceView]) -> bool) -> (usize, Option<Matrix>, Vec<DeviceView>) {
    loop {
        page.follow().await;
        if let Some(ServerMessage::Quality {
            participants,
            matrix,
            devices,
            ..
        }) = &page.last
            && so(devices)
        {
            return (participants.len(), matrix.clone(), devices.clone());
        }
    }
}

async fn report(page: &mut Page) {
    let report = Report {
        battery: Some(BATTERY),
        network: Some(Network::Cellular),
        hidden: true,
        ..Report::default()
    };
    say(&mut page.socket, &ClientMessage::Report(report)).await;
}

#[tokio::test]
async fn the_matrix_is_for_chair_and_secretary_and_devices_for_the_secretary_alone() {
    let stage = Stage::set().await;
    let (mut chair, mut member, _other) = stage.in_session().await;
    let mut secretary = stage.page(SECRETARY).await;
    secretary.until(|view| view.is(SECRETARY, Attendance::Inside)).await;
    report(&mut member).await;

    let about_member = |devices: &[DeviceView]| devices.iter().any(|device| device.participant == MEMBER);
    let (about, matrix, devices) = quality(&mut secretary, about_member).await;
    let people: Vec<ParticipantId> = matrix.map(|matrix| matrix.people).unwrap_or_default();
    assert_eq!(people.len(), about);
    assert!(people.contains(&CHAIR) && people.contains(&MEMBER));
    let told = DeviceView {
        participant: MEMBER,
        hidden: true,
        battery: Some(BATTERY),
        network: Some(Network::Cellular),
    };
    assert_eq!(devices, [told]);

    let (about, matrix, devices) = quality(&mut chair, |_| true).await;
    assert!(about > 1 && matrix.is_some());
    assert_eq!(devices, []);
    let (about, matrix, devices) = quality(&mut member, |_| true).await;
    assert_eq!((about, matrix, devices), (1, None, Vec::new()), "others see themselves");
}
