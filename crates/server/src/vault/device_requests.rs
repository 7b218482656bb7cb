//! Devices that ask to be let in, until they have fetched their token or their time is over.

use keepsave_core::ids::{DeviceId, UserId};
use keepsave_core::time::Time;

use super::tokens::Hash;
use super::{Fault, Row, Tx};
use crate::bind;

/// Where a request stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No one has decided yet.
    Pending,
    /// Someone let the device in.
    Approved(Approval),
    /// Someone refused it.
    Denied,
}

/// What a device that was let in may fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct Approval {
    pub by: UserId,
    /// Separated by spaces.
    pub scopes: String,
    pub device: DeviceId,
    pub token_name: String,
    pub token_expires_at: Option<Time>,
}

/// A device that asks to be let in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct DeviceRequest {
    pub device_code_hash: Hash,
    /// None once someone has decided.
    pub user_code: Option<String>,
    pub client_device_identifier: String,
    pub name: String,
    pub client: String,
    pub platform: Option<String>,
    pub client_version: Option<String>,
    /// Separated by spaces.
    pub requested_scopes: String,
    pub ip_address: String,
    pub standing: Standing,
    pub created_at: Time,
    pub expires_at: Time,
}

const COLUMNS: &str = "device_code_hash, user_code, client_device_identifier, name, client, \
     platform, client_version, requested_scopes, ip_address, status, approved_by, \
     approved_scopes, device_id, token_name, token_expires_at, created_at, expires_at";

const PENDING: &str = "pending";
const APPROVED: &str = "approved";
const DENIED: &str = "denied";

fn request(row: &mut Row<'_>) -> Result<DeviceRequest, Fault> {
    Ok(DeviceRequest {
        device_code_hash: row.get()?,
        user_code: row.get()?,
        client_device_identifier: row.get()?,
        name: row.get()?,
        client: row.get()?,
        platform: row.get()?,
        client_version: row.get()?,
        requested_scopes: row.get()?,
        ip_address: row.get()?,
        standing: standing(row)?,
        created_at: row.get()?,
        expires_at: row.get()?,
    })
}

fn standing(row: &mut Row<'_>) -> Result<Standing, Fault> {
    let status: String = row.get()?;
    let by: Option<UserId> = row.get()?;
    let scopes: Option<String> = row.get()?;
    let device: Option<DeviceId> = row.get()?;
    let token_name: Option<String> = row.get()?;
    let token_expires_at = row.get()?;
    if status == PENDING {
        return Ok(Standing::Pending);
    }
    // What is not whole lets no one in.
    let (Some(by), Some(scopes), Some(device), Some(token_name)) = (by, scopes, device, token_name)
    else {
        return Ok(Standing::Denied);
    };
    Ok(Standing::Approved(Approval {
        by,
        scopes,
        device,
        token_name,
        token_expires_at,
    }))
}

/// Adds a request that no one has decided, and forgets those whose time is over.
pub fn add(tx: &Tx<'_>, new: &DeviceRequest) -> Result<(), Fault> {
    tx.execute(
        "DELETE FROM device_requests WHERE expires_at <= $1",
        bind![new.created_at],
    )?;
    tx.execute(
        "INSERT INTO device_requests (device_code_hash, user_code, client_device_identifier, name, \
         client, platform, client_version, requested_scopes, ip_address, status, created_at, \
         expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        bind![
            new.device_code_hash,
            new.user_code,
            new.client_device_identifier,
            new.name,
            new.client,
            new.platform,
            new.client_version,
            new.requested_scopes,
            new.ip_address,
            PENDING,
            new.created_at,
            new.expires_at
        ],
    )?;
    Ok(())
}

/// The request that shows this code to people: no one has decided it yet.
pub fn by_user_code(tx: &Tx<'_>, code: &str, now: Time) -> Result<Option<DeviceRequest>, Fault> {
    tx.optional(
        &format!("SELECT {COLUMNS} FROM device_requests WHERE user_code = $1 AND expires_at > $2"),
        bind![code, now],
        request,
    )
}

/// The request of the device that has this code.
pub fn by_device_code(tx: &Tx<'_>, hash: &Hash, now: Time) -> Result<Option<DeviceRequest>, Fault> {
    tx.optional(
        &format!(
            "SELECT {COLUMNS} FROM device_requests \
             WHERE device_code_hash = $1 AND expires_at > $2"
        ),
        bind![hash, now],
        request,
    )
}

/// Lets the device in. Its code for people is used up.
pub fn approve(tx: &Tx<'_>, hash: &Hash, approval: &Approval) -> Result<(), Fault> {
    tx.execute(
        "UPDATE device_requests SET status = $1, user_code = NULL, approved_by = $2, \
         approved_scopes = $3, device_id = $4, token_name = $5, token_expires_at = $6 \
         WHERE device_code_hash = $7",
        bind![
            APPROVED,
            approval.by,
            approval.scopes,
            approval.device,
            approval.token_name,
            approval.token_expires_at,
            hash
        ],
    )?;
    Ok(())
}

/// Refuses the device, which has until `expires_at` to learn it.
pub fn deny(tx: &Tx<'_>, hash: &Hash, expires_at: Time) -> Result<(), Fault> {
    tx.execute(
        "UPDATE device_requests SET status = $1, user_code = NULL, expires_at = $2 \
         WHERE device_code_hash = $3",
        bind![DENIED, expires_at, hash],
    )?;
    Ok(())
}

/// Removes a request: its token has been fetched.
pub fn remove(tx: &Tx<'_>, hash: &Hash) -> Result<(), Fault> {
    tx.execute(
        "DELETE FROM device_requests WHERE device_code_hash = $1",
        bind![hash],
    )?;
    Ok(())
}
