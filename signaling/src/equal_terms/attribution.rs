//! Whose fault a bad edge is: the sender's uplink, the receiver's downlink, or the relay between them.

use super::Level;
use crate::meeting::ParticipantId;
use std::collections::{BTreeMap, BTreeSet};

/// An edge that a row could judge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct JudgedEdge {
    pub(super) sender: ParticipantId,
    pub(super) receiver: ParticipantId,
    pub(super) level: Level,
    pub(super) figure: f64,
}

/// Who is found at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    Receiver(ParticipantId),
    Sender(ParticipantId),
    Relay,
}

/// Bad edges that one fault explains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Blame {
    pub(super) fault: Fault,
    /// The worst of the edges.
    pub(super) level: Level,
    /// That edge's figure.
    pub(super) figure: f64,
    /// People at the other ends; of the relay: everyone with a bad edge.
    pub(super) affected: u32,
}

/// With fewer people affected it is not the relay: two delegates with bad networks are as likely.
pub(super) const LEAST_FOR_RELAY: usize = 3;
/// One complaint is the complainer's.
const LEAST_FOR_PERSON: usize = 2;

/// Explains the bad edges (amber and red) among those that were observed.
///
/// Red edges are explained first, among themselves: somebody's red is not put down to whom everybody sees a little worse.
/// Most of the matrix bad: the relay. Otherwise the person and direction with the greatest share of bad edges explains
/// them, and again with what is left, as long as most of somebody's edges are bad. A complaint that nobody shares is
/// attributed to the receiver who made it, as far as it `stood` before: reports are up to a second late, and where others
/// receive the same sender, theirs may be about to say the same.
pub(super) fn attribute(observed: &[JudgedEdge], stood: impl Fn(&JudgedEdge) -> Level) -> Vec<Blame> {
    let mut bad: Vec<JudgedEdge> = observed
        .iter()
        .filter(|edge| edge.level >= Level::Amber)
        .copied()
        .collect();
    if bad.is_empty() {
        return Vec::new();
    }
    let totals = count_by_fault(observed);
    let mut blames = Vec::new();
    for worst in [Level::Red, Level::Amber] {
        let (now, later): (Vec<_>, Vec<_>) = bad.into_iter().partition(|edge| edge.level >= worst);
        if is_most_of_matrix(&now, observed.len()) {
            blames.extend(blame(Fault::Relay, &now));
            return blames;
        }
        bad = later;
        bad.extend(explain(now, &totals, &mut blames));
    }
    let told = bad.into_iter().filter_map(|edge| {
        let shared = totals.get(&Fault::Sender(edge.sender)).is_some_and(|total| *total > 1);
        let level = if shared {
            edge.level.min(stood(&edge))
        } else {
            edge.level
        };
        (level >= Level::Amber).then_some(JudgedEdge { level, ..edge })
    });
    blames.extend(lone_complaints(&told.collect::<Vec<_>>()));
    blames
}

/// Puts every bad edge down to its sender.
pub(super) fn blame_senders(edges: &[JudgedEdge]) -> Vec<Blame> {
    let bad = || edges.iter().filter(|edge| edge.level >= Level::Amber);
    let senders: BTreeSet<ParticipantId> = bad().map(|edge| edge.sender).collect();
    let of_sender = |sender| {
        let theirs: Vec<JudgedEdge> = bad().filter(|edge| edge.sender == sender).copied().collect();
        blame(Fault::Sender(sender), &theirs)
    };
    senders.into_iter().filter_map(of_sender).collect()
}

/// Takes out, one after the other, whoever has most of their edges bad; the rest is returned.
fn explain(mut bad: Vec<JudgedEdge>, totals: &BTreeMap<Fault, usize>, blames: &mut Vec<Blame>) -> Vec<JudgedEdge> {
    while let Some(fault) = most_explaining(&bad, totals) {
        let (explained, left): (Vec<_>, Vec<_>) = bad.into_iter().partition(|edge| faults(edge).contains(&fault));
        blames.extend(blame(fault, &explained));
        bad = left;
    }
    bad
}

fn lone_complaints(bad: &[JudgedEdge]) -> impl Iterator<Item = Blame> {
    let complaining: BTreeSet<Fault> = bad.iter().map(|edge| Fault::Receiver(edge.receiver)).collect();
    complaining.into_iter().filter_map(|fault| {
        let theirs = bad.iter().filter(|edge| faults(edge).contains(&fault));
        blame(fault, &theirs.copied().collect::<Vec<_>>())
    })
}

fn faults(edge: &JudgedEdge) -> [Fault; 2] {
    [Fault::Receiver(edge.receiver), Fault::Sender(edge.sender)]
}

fn is_most_of_matrix(bad: &[JudgedEdge], observed: usize) -> bool {
    let senders: BTreeSet<_> = bad.iter().map(|edge| edge.sender).collect();
    let receivers: BTreeSet<_> = bad.iter().map(|edge| edge.receiver).collect();
    2 * bad.len() > observed && senders.len() >= LEAST_FOR_RELAY && receivers.len() >= LEAST_FOR_RELAY
}

fn count_by_fault(edges: &[JudgedEdge]) -> BTreeMap<Fault, usize> {
    let mut counts = BTreeMap::new();
    for fault in edges.iter().flat_map(faults) {
        *counts.entry(fault).or_insert(0) += 1;
    }
    counts
}

/// The fault with the greatest share of its edges bad, if that is most of them. Between equals the receiver, since a
/// sender's fault is measured at the relay as well.
fn most_explaining(bad: &[JudgedEdge], totals: &BTreeMap<Fault, usize>) -> Option<Fault> {
    let mut best: Option<(Fault, usize, usize)> = None;
    for (fault, count) in count_by_fault(bad) {
        let total = totals.get(&fault).copied().unwrap_or(count);
        if count < LEAST_FOR_PERSON || 2 * count <= total {
            continue;
        }
        let better = best.is_none_or(|(_, most, of)| (count * of, count) > (most * total, most));
        if better {
            best = Some((fault, count, total));
        }
    }
    best.map(|(fault, ..)| fault)
}

fn blame(fault: Fault, edges: &[JudgedEdge]) -> Option<Blame> {
    let worst = edges.iter().max_by_key(|edge| edge.level)?;
    let affected: BTreeSet<ParticipantId> = match fault {
        Fault::Receiver(_) => edges.iter().map(|edge| edge.sender).collect(),
        Fault::Sender(_) => edges.iter().map(|edge| edge.receiver).collect(),
        Fault::Relay => edges.iter().flat_map(|edge| [edge.sender, edge.receiver]).collect(),
    };
    Some(Blame {
        fault,
        level: worst.level,
        figure: worst.figure,
        affected: u32::try_from(affected.len()).unwrap_or(u32::MAX),
    })
}
