//! The names of persons, beside the journal and erasable: the journal has pseudonyms and salted commitments alone.

use crate::store::{StoreError, Whose, count, erase, open, open_beside};
use crate::{Identity, Secret};
use rusqlite::{Connection, params};
use std::path::Path;

const SCHEMA: &str = "
    CREATE TABLE person (
        meeting     INTEGER NOT NULL,
        participant INTEGER NOT NULL,
        name        TEXT    NOT NULL,
        salt        BLOB    NOT NULL CHECK (length(salt) = 32),
        PRIMARY KEY (meeting, participant)
    ) STRICT, WITHOUT ROWID;
";

/// Opens a name's commitment in the journal; without it the digest tells nothing.
pub type Salt = Secret<32>;

/// A person, as the roster of one meeting has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who, in that meeting.
    pub whom: Identity,
    /// The name shown.
    pub name: String,
    /// See [`Salt`].
    pub salt: Salt,
}

/// The persons of all meetings, in an SQLite file of their own (requirement R36).
pub struct PeopleStore {
    db: Connection,
}

impl Secret<32> {
    /// The bytes, to compute a commitment with.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        self.bytes()
    }
}

impl PeopleStore {
    /// Opens the file, or creates it.
    ///
    /// # Errors
    /// When it cannot be opened or is of a newer layout.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            db: open(path, &[SCHEMA])?,
        })
    }

    /// Opens it as it is, see [`crate::IdentityStore::open_beside`].
    ///
    /// # Errors
    /// When it cannot be opened or is of another layout.
    pub fn open_beside(path: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            db: open_beside(path, &[SCHEMA])?,
        })
    }

    /// Adds the persons of a meeting, all or none.
    ///
    /// # Errors
    /// When the store does not work, or one of them is there already.
    pub fn add(&mut self, people: &[Person]) -> Result<(), StoreError> {
        let addition = self.db.transaction()?;
        for person in people {
            addition.execute(
                "INSERT INTO person (meeting, participant, name, salt) VALUES (?1, ?2, ?3, ?4)",
                params![
                    person.whom.meeting,
                    person.whom.participant,
                    person.name,
                    person.salt.bytes()
                ],
            )?;
        }
        Ok(addition.commit()?)
    }

    /// Everybody of one meeting, in the roster's order, except those erased.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn of(&self, meeting: u64) -> Result<Vec<Person>, StoreError> {
        let mut query = self
            .db
            .prepare("SELECT participant, name, salt FROM person WHERE meeting = ?1 ORDER BY participant")?;
        let people = query.query_map([meeting], |row| {
            let whom = Identity {
                meeting,
                participant: row.get(0)?,
            };
            Ok(Person {
                whom,
                name: row.get(1)?,
                salt: Secret::from_bytes(row.get(2)?),
            })
        })?;
        Ok(people.collect::<Result<_, _>>()?)
    }

    /// How many names there are.
    ///
    /// # Errors
    /// When the store does not work.
    pub fn kept(&self, whose: Whose) -> Result<usize, StoreError> {
        count(&self.db, "person", whose)
    }

    /// Erases their names and salts, for good.
    ///
    /// # Errors
    /// When the store does not work: nothing is erased, or [`StoreError::Traces`].
    pub fn erase(&mut self, whose: &[Whose]) -> Result<(), StoreError> {
        erase(&mut self.db, &["person"], whose)
    }
}

#[cfg(test)]
mod tests {
    use super::{PeopleStore, Person};
    use crate::store::Whose;
    use crate::{Identity, Secret};
    use std::path::Path;

    fn person(participant: u32, name: &str) -> Person {
        Person {
            whom: Identity {
                meeting: 1,
                participant,
            },
            name: name.into(),
            salt: Secret::random().unwrap(),
        }
    }

    #[test]
    fn people_are_found_in_order_and_can_be_erased() {
        let mut store = PeopleStore::open(Path::new(":memory:")).unwrap();
        let (first, second) = (person(1, "Ordförande 1"), person(2, "Ledamot 2"));
        store.add(&[second.clone(), first.clone()]).unwrap();
        assert_eq!(store.of(1).unwrap(), [first.clone(), second.clone()]);
        assert_eq!(store.of(2).unwrap(), []);
        store.erase(&[Whose::Participant(first.whom)]).unwrap();
        assert_eq!(store.of(1).unwrap(), [second]);
        store.erase(&[Whose::Meeting(1)]).unwrap();
        assert_eq!(store.kept(Whose::Meeting(1)).unwrap(), 0);
    }

    #[test]
    fn a_meeting_gets_all_its_people_or_none() {
        let mut store = PeopleStore::open(Path::new(":memory:")).unwrap();
        assert!(store.add(&[person(1, "Ledamot 1"), person(1, "Ledamot 1")]).is_err());
        assert_eq!(store.of(1).unwrap(), []);
    }
}
