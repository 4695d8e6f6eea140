//! Numbers of mandates for those whose roster has none: many number nothing, and a seat without a number would lose its
//! party and its place in the order of entry.

use super::Invitee;

/// Whoever has a party or a place in the order of entry but no number of a mandate gets the next after the highest.
///
/// # Errors
/// The place in the roster, from 1, of the first for whom there is none left.
pub(super) fn number(participants: &mut [Invitee]) -> Result<(), u32> {
    let mut highest = participants.iter().filter_map(|one| one.mandate).max().unwrap_or(0);
    for (at, one) in (1_u32..).zip(participants) {
        let seated = one.party.is_some() || one.order_of_entry.is_some();
        if one.mandate.is_none() && seated {
            highest = highest.checked_add(1).ok_or(at)?;
            one.mandate = Some(highest);
        }
    }
    Ok(())
}
