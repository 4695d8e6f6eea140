//! How many more people the relay carries, by how much of its time those who are there take.

use super::seen::WorkerSeen;

/// A thread takes no new meeting above this load, in thousandths.
const FULL: f64 = 700.0;
/// Fewer people, or less load in thousandths, say nothing of what many would take.
const ENOUGH_PEOPLE: u16 = 5;
const ENOUGH_LOAD: u16 = 50;

/// People who can still come to the meetings of the busiest thread; `None`: too few are there to tell.
///
/// Everybody is sent everybody else's picture, so the work grows with the square of the people.
#[must_use]
pub fn room_for(workers: &[WorkerSeen]) -> Option<u32> {
    let busiest = workers.iter().map(|worker| worker.load).max()?;
    if busiest.peers < ENOUGH_PEOPLE || busiest.busy < ENOUGH_LOAD {
        return None;
    }
    let more = f64::from(busiest.peers) * ((FULL / f64::from(busiest.busy)).sqrt() - 1.0);
    Some(more.max(0.0).floor() as u32)
}

#[cfg(test)]
mod tests {
    use super::room_for;
    use crate::metrics::WorkerSeen;
    use lika_sfu::worker::Load;

    fn room(busy: u16, peers: u16) -> Option<u32> {
        let worker = WorkerSeen {
            load: Load { busy, peers },
            counters: None,
        };
        room_for(&[WorkerSeen::default(), worker])
    }

    #[test]
    fn twice_the_people_are_four_times_the_work() {
        assert_eq!(room(175, 40), Some(40));
        assert_eq!(room(700, 40), Some(0));
        assert_eq!(room(900, 40), Some(0));
    }

    #[test]
    fn of_a_few_people_nothing_is_guessed() {
        assert_eq!(room(175, 4), None);
        assert_eq!(room(10, 40), None);
        assert_eq!(room_for(&[]), None);
    }
}
