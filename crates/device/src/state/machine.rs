//! Which machine this is: its own id, and the id that the server gave it.

use keepsave_core::ids::DeviceId;
use rusqlite::{Connection, OptionalExtension};

use super::store::unpoisoned;
use super::{State, StateError};
use crate::files::disk::random_digits;

/// Which machine this is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// Its own id, made up on first use: a UUID.
    pub device_id: Option<String>,
    /// The device that it is to the server; none before it is registered there.
    pub server_device_id: Option<DeviceId>,
}

impl State {
    /// Which machine this is, as far as that is known.
    pub fn machine(&self) -> Result<Machine, StateError> {
        unpoisoned(&self.store).with(|connection| find(connection))
    }

    /// This machine's own id, made up on first use: random, and of nothing that could be known of
    /// machine or person.
    pub fn machine_id(&self) -> Result<String, StateError> {
        let fresh = new_id();
        let machine = self.change_machine(|machine| {
            machine.device_id.get_or_insert_with(|| fresh.clone());
        })?;
        Ok(machine.device_id.unwrap_or(fresh))
    }

    /// Changes what is known of this machine.
    pub fn change_machine(&self, change: impl Fn(&mut Machine)) -> Result<Machine, StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            let mut machine = find(&transaction)?;
            change(&mut machine);
            put(&transaction, &machine)?;
            transaction.commit()?;
            Ok(machine)
        })
    }

    /// This machine is that device from now on. What it had in sync as the one before stays known.
    /// Cheap when it is that one already.
    pub fn be_device(&self, device: &DeviceId) -> Result<(), StateError> {
        unpoisoned(&self.store).with(|connection| {
            let transaction = connection.transaction()?;
            let mut machine = find(&transaction)?;
            if machine.server_device_id.as_ref() == Some(device) {
                return Ok(());
            }
            if let Some(before) = machine.server_device_id.replace(device.clone()) {
                transaction.execute(
                    "UPDATE OR REPLACE baselines SET device = ?1 WHERE device = ?2",
                    (&device.0, &before.0),
                )?;
            }
            put(&transaction, &machine)?;
            transaction.commit()
        })
    }
}

/// A UUID of the random kind.
fn new_id() -> String {
    let digits = random_digits() + &random_digits();
    let variant = match digits.as_bytes()[16] {
        b'0'..=b'3' => '8',
        b'4'..=b'7' => '9',
        b'8'..=b'b' => 'a',
        _ => 'b',
    };
    let part = |from: usize, to: usize| &digits[from..to];
    format!(
        "{}-{}-4{}-{variant}{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}

pub(super) fn find(connection: &Connection) -> rusqlite::Result<Machine> {
    let query = "SELECT device_id, server_device_id FROM machine";
    let found = connection.query_row(query, [], |row| {
        Ok(Machine {
            device_id: row.get(0)?,
            server_device_id: row.get::<_, Option<String>>(1)?.map(DeviceId),
        })
    });
    Ok(found.optional()?.unwrap_or_default())
}

pub(super) fn put(connection: &Connection, machine: &Machine) -> rusqlite::Result<()> {
    let statement = "INSERT OR REPLACE INTO machine (one, device_id, server_device_id)
        VALUES (1, ?1, ?2)";
    let server = machine.server_device_id.as_ref().map(|id| &id.0);
    connection.execute(statement, (&machine.device_id, server))?;
    Ok(())
}
