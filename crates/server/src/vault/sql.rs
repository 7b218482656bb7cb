//! The one door to the database: a transaction, values to bind, rows to read.
//!
//! A unit of work is a synchronous closure over [`Tx`]. Its SQL text stays within the dialect that
//! SQLite and PostgreSQL share (`$1`, `ON CONFLICT`, `RETURNING`), so that a second engine can
//! stand behind the same type. Nothing here knows a table.

use std::cell::Cell;

use keepsave_core::content::{BlobHash, ContentHash};
use keepsave_core::ids::{
    DeviceId, EarlierContentId, NoteId, PlatformId, PlaySessionId, RomFileId, RomId, SaveId,
    ScreenshotId, SessionId, SlotId, StateId, TimelineId, TokenId, UserId, VersionId,
};
use keepsave_core::time::Time;
use rusqlite::StatementStatus;
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::Fault;

/// A value to bind to a statement.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// SQL's NULL.
    Null,
    /// Any integer, a boolean or a moment.
    Integer(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Value::Null => ValueRef::Null,
            Value::Integer(integer) => ValueRef::Integer(integer),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// What can be bound.
pub trait ToValue {
    /// The value as the database stores it.
    fn to_value(&self) -> Value<'_>;
}

/// What can be read from a column.
pub trait FromColumn: Sized {
    /// Reads a value, or says what was expected.
    fn from_column(value: Value<'_>) -> Result<Self, &'static str>;
}

/// Binds values in order: `bind![user, name, slot]`.
#[macro_export]
macro_rules! bind {
    ($($value:expr),* $(,)?) => {
        &[$($crate::vault::sql::ToValue::to_value(&$value)),*]
    };
}

/// A transaction, or a read-only view of one moment.
pub struct Tx<'a> {
    connection: &'a rusqlite::Connection,
}

impl<'a> Tx<'a> {
    pub(super) fn new(connection: &'a rusqlite::Connection) -> Self {
        Self { connection }
    }

    fn prepare(&self, sql: &str, values: &[Value<'_>]) -> Result<Measured<'a>, Fault> {
        let mut statement = self.connection.prepare_cached(sql)?;
        bind_by_number(&mut statement, values)?;
        Ok(Measured(statement))
    }

    /// Runs a statement; the number of rows it touched.
    pub fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<usize, Fault> {
        Ok(self.prepare(sql, values)?.0.raw_execute()?)
    }

    /// The single row that must be there, such as `INSERT … RETURNING` or `COUNT(*)`.
    pub fn one<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnOnce(&mut Row<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.optional(sql, values, read)?
            .ok_or_else(|| Fault::Database(rusqlite::Error::QueryReturnedNoRows))
    }

    /// The first row, when there is one.
    pub fn optional<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnOnce(&mut Row<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let mut statement = self.prepare(sql, values)?;
        let mut rows = statement.0.raw_query();
        match rows.next()? {
            Some(row) => read(&mut Row { row, column: 0 }).map(Some),
            None => Ok(None),
        }
    }

    /// Every row.
    pub fn all<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&mut Row<'_>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let mut found = Vec::new();
        self.each(sql, values, |row| {
            found.push(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Visits every row without keeping them.
    pub fn each(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut visit: impl FnMut(&mut Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut statement = self.prepare(sql, values)?;
        let mut rows = statement.0.raw_query();
        while let Some(row) = rows.next()? {
            visit(&mut Row { row, column: 0 })?;
        }
        Ok(())
    }

    /// Whether the query finds anything.
    pub fn exists(&self, sql: &str, values: &[Value<'_>]) -> Result<bool, Fault> {
        Ok(self.optional(sql, values, |_| Ok(()))?.is_some())
    }
}

/// Runs a statement that has neither values nor rows, such as `COMMIT`. Its text is read once for
/// each connection.
pub(super) fn run(connection: &rusqlite::Connection, sql: &str) -> Result<(), Fault> {
    connection.prepare_cached(sql)?.raw_execute()?;
    Ok(())
}

thread_local! {
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

/// How many steps the database has done on this thread so far: what a work costs, whatever the
/// machine and whoever else is using it.
pub fn steps() -> u64 {
    STEPS.get()
}

/// A statement whose steps are counted once it is done.
struct Measured<'a>(rusqlite::CachedStatement<'a>);

impl Drop for Measured<'_> {
    fn drop(&mut self) {
        let steps = self.0.reset_status(StatementStatus::VmStep);
        STEPS.set(STEPS.get() + u64::try_from(steps).unwrap_or_default());
    }
}

/// To SQLite `$2` is a name, numbered by where it first appears; here it is the second value, as it
/// is to PostgreSQL.
fn bind_by_number(
    statement: &mut rusqlite::Statement<'_>,
    values: &[Value<'_>],
) -> Result<(), Fault> {
    for index in 1..=statement.parameter_count() {
        let number: Option<usize> = statement
            .parameter_name(index)
            .and_then(|name| name.strip_prefix('$')?.parse().ok());
        let value = number.and_then(|number| values.get(number.checked_sub(1)?));
        let value = value.ok_or(rusqlite::Error::InvalidParameterCount(index, values.len()))?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

/// One row, read column by column in the order of the SELECT.
pub struct Row<'a> {
    row: &'a rusqlite::Row<'a>,
    column: usize,
}

impl Row<'_> {
    /// The next column.
    pub fn get<T: FromColumn>(&mut self) -> Result<T, Fault> {
        let column = self.column;
        self.column += 1;
        let value = match self.row.get_ref(column)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(integer) => Value::Integer(integer),
            ValueRef::Text(bytes) => {
                Value::Text(std::str::from_utf8(bytes).map_err(|_| Fault::Column {
                    column,
                    expected: "UTF-8",
                })?)
            }
            ValueRef::Blob(bytes) => Value::Blob(bytes),
            ValueRef::Real(_) => {
                return Err(Fault::Column {
                    column,
                    expected: "no fraction",
                });
            }
        };
        T::from_column(value).map_err(|expected| Fault::Column { column, expected })
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value<'_> {
        (**self).to_value()
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(value: Value<'_>) -> Result<Self, &'static str> {
        match value {
            Value::Null => Ok(None),
            value @ (Value::Integer(_) | Value::Text(_) | Value::Blob(_)) => {
                T::from_column(value).map(Some)
            }
        }
    }
}

impl ToValue for str {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl ToValue for String {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl FromColumn for String {
    fn from_column(value: Value<'_>) -> Result<Self, &'static str> {
        match value {
            Value::Text(text) => Ok(text.to_owned()),
            Value::Null | Value::Integer(_) | Value::Blob(_) => Err("text"),
        }
    }
}

impl ToValue for [u8] {
    fn to_value(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl<const N: usize> ToValue for [u8; N] {
    fn to_value(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl<const N: usize> FromColumn for [u8; N] {
    fn from_column(value: Value<'_>) -> Result<Self, &'static str> {
        match value {
            Value::Blob(bytes) => bytes.try_into().map_err(|_| "bytes of another length"),
            Value::Null | Value::Integer(_) | Value::Text(_) => Err("bytes"),
        }
    }
}

impl ToValue for bool {
    fn to_value(&self) -> Value<'_> {
        Value::Integer(i64::from(*self))
    }
}

impl FromColumn for bool {
    fn from_column(value: Value<'_>) -> Result<Self, &'static str> {
        i64::from_column(value).map(|integer| integer != 0)
    }
}

impl ToValue for i64 {
    fn to_value(&self) -> Value<'_> {
        Value::Integer(*self)
    }
}

impl FromColumn for i64 {
    fn from_column(value: Value<'_>) -> Result<Self, &'static str> {
        match value {
            Value::Integer(integer) => Ok(integer),
            Value::Null | Value::Text(_) | Value::Blob(_) => Err("an integer"),
        }
    }
}

/// Sizes are stored as integers; SQLite has none above `i64::MAX`, and no file is that large.
impl ToValue for u64 {
    fn to_value(&self) -> Value<'_> {
        Value::Integer(i64::try_from(*self).unwrap_or(i64::MAX))
    }
}

impl FromColumn for u64 {
    fn from_column(value: Value<'_>) -> Result<Self, &'static str> {
        i64::from_column(value)?.try_into().map_err(|_| "a size")
    }
}

impl ToValue for Time {
    fn to_value(&self) -> Value<'_> {
        Value::Integer(self.micros())
    }
}

impl FromColumn for Time {
    fn from_column(value: Value<'_>) -> Result<Self, &'static str> {
        i64::from_column(value).map(Self::from_micros)
    }
}

impl ToValue for DeviceId {
    fn to_value(&self) -> Value<'_> {
        Value::Text(&self.0)
    }
}

impl FromColumn for DeviceId {
    fn from_column(value: Value<'_>) -> Result<Self, &'static str> {
        String::from_column(value).map(Self)
    }
}

macro_rules! byte_columns {
    ($($name:ident),*) => {$(
        impl ToValue for $name {
            fn to_value(&self) -> Value<'_> {
                Value::Blob(&self.0)
            }
        }

        impl FromColumn for $name {
            fn from_column(value: Value<'_>) -> Result<Self, &'static str> {
                FromColumn::from_column(value).map(Self)
            }
        }
    )*};
}

byte_columns!(ContentHash, BlobHash);

macro_rules! id_columns {
    ($($name:ident),*) => {$(
        impl ToValue for $name {
            fn to_value(&self) -> Value<'_> {
                Value::Integer(self.0)
            }
        }

        impl FromColumn for $name {
            fn from_column(value: Value<'_>) -> Result<Self, &'static str> {
                i64::from_column(value).map(Self)
            }
        }
    )*};
}

id_columns!(
    UserId,
    PlatformId,
    RomId,
    RomFileId,
    SaveId,
    VersionId,
    SlotId,
    TimelineId,
    StateId,
    ScreenshotId,
    EarlierContentId,
    NoteId,
    TokenId,
    SessionId,
    PlaySessionId
);

#[cfg(test)]
mod tests {
    use super::super::{Fault, Vault};

    #[test]
    fn values_are_bound_by_their_number_not_by_where_it_first_appears() {
        let vault = Vault::in_memory().unwrap();
        let read: Result<(i64, String), Fault> = vault.read(|tx| {
            tx.one("SELECT $2, $1", crate::bind!["one", 2_i64], |row| {
                Ok((row.get()?, row.get()?))
            })
        });
        assert_eq!(read.unwrap(), (2, "one".to_owned()));
    }

    #[test]
    fn a_value_too_few_is_an_error() {
        let vault = Vault::in_memory().unwrap();
        let read: Result<i64, Fault> =
            vault.read(|tx| tx.one("SELECT $2", crate::bind![1_i64], |row| row.get()));
        assert!(read.is_err());
    }
}
