//! What every database must do: the dialect that the queries keep to, and what a unit of work is.

use keepsave_core::time::Time;
use keepsave_server::bind;
use keepsave_server::vault::{Fault, Tx, Vault};

/// A work that a rule refused.
#[derive(Debug)]
enum Refused {
    ByRule,
    Fault,
}

impl From<Fault> for Refused {
    fn from(_: Fault) -> Self {
        Self::Fault
    }
}

/// What a work wrote is there for the next reader, and for the next work.
pub async fn what_is_written_is_read(vault: &Vault) {
    set(vault, "name", "value").await.unwrap();
    assert_eq!(get(vault, "name").as_deref(), Some("value"));
    set(vault, "name", "other").await.unwrap();
    assert_eq!(get(vault, "name").as_deref(), Some("other"));
    assert_eq!(get(vault, "nothing"), None);
}

/// A work that fails leaves nothing of what it wrote.
pub async fn a_failed_work_is_undone(vault: &Vault) {
    set(vault, "kept", "1").await.unwrap();
    let refused: Result<(), Refused> = vault
        .write(|tx| {
            put(tx, "kept", "2")?;
            put(tx, "new", "2")?;
            Err(Refused::ByRule)
        })
        .await;
    assert!(matches!(refused, Err(Refused::ByRule)));
    assert_eq!(get(vault, "kept").as_deref(), Some("1"));
    assert_eq!(get(vault, "new"), None);

    let broken: Result<usize, Fault> = vault
        .write(|tx| {
            put(tx, "kept", "3")?;
            tx.execute("INSERT INTO no_such_table VALUES (1)", &[])
        })
        .await;
    assert!(broken.is_err());
    assert_eq!(get(vault, "kept").as_deref(), Some("1"));
}

/// Works of many at once do not disturb one another, and those that fail take no other with them.
pub async fn works_at_once_stand_alone(vault: &Vault) {
    set(vault, "count", "0").await.unwrap();
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let vault = vault.clone();
            tokio::spawn(async move {
                let counted: Result<(), Refused> = vault
                    .write(move |tx| {
                        let count: i64 = value(tx, "count")?.unwrap().parse().unwrap();
                        put(tx, "count", &(count + 1).to_string())?;
                        if number % 4 == 0 {
                            Err(Refused::ByRule)
                        } else {
                            Ok(())
                        }
                    })
                    .await;
                counted.is_ok()
            })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += usize::from(task.await.unwrap());
    }
    assert_eq!(done, 48);
    assert_eq!(
        get(vault, "count").as_deref(),
        Some("48"),
        "no update is lost, none counts twice"
    );
}

/// A reader sees one moment, however many questions it asks.
pub async fn a_reader_sees_one_moment(vault: &Vault) {
    set(vault, "a", "0").await.unwrap();
    set(vault, "b", "0").await.unwrap();
    let writer = {
        let vault = vault.clone();
        tokio::spawn(async move {
            for number in 0..50 {
                let both: Result<(), Fault> = vault
                    .write(move |tx| {
                        put(tx, "a", &number.to_string())?;
                        put(tx, "b", &number.to_string())
                    })
                    .await;
                both.unwrap();
            }
        })
    };
    while !writer.is_finished() {
        let pair: Result<_, Fault> = vault.read(|tx| Ok((value(tx, "a")?, value(tx, "b")?)));
        let (a, b) = pair.unwrap();
        assert_eq!(a, b);
        tokio::task::yield_now().await;
    }
    writer.await.unwrap();
}

/// Values come back as they went in.
pub async fn values_come_back(vault: &Vault) {
    let long = "ピ".repeat(10_000);
    for text in ["", "plain", "quote ' and \" and %_", "Pokémon ピカ", &long] {
        set(vault, "text", text).await.unwrap();
        assert_eq!(get(vault, "text").as_deref(), Some(text));
    }
    let read: Result<_, Fault> = vault.read(|tx| {
        tx.one(
            "SELECT $1, $2, $3, $4, $5",
            bind![i64::MAX, i64::MIN, true, none(), hash()],
            |row| {
                let numbers = (row.get::<i64>()?, row.get::<i64>()?, row.get::<bool>()?);
                Ok((
                    numbers,
                    row.get::<Option<String>>()?,
                    row.get::<[u8; 32]>()?,
                ))
            },
        )
    });
    assert_eq!(read.unwrap(), ((i64::MAX, i64::MIN, true), None, hash()));
    let moment = Time::from_micros(1_795_159_710_197_525);
    let read: Result<Time, Fault> =
        vault.read(|tx| tx.one("SELECT $1", bind![moment], |row| row.get()));
    assert_eq!(read.unwrap(), moment);
}

/// The words that the queries rely on mean the same everywhere.
pub async fn the_dialect_is_shared(vault: &Vault) {
    let upserted: Result<i64, Fault> = vault
        .write(|tx| {
            let sql = "INSERT INTO facts (name, value) VALUES ($1, $2) ON CONFLICT (name) \
                       DO UPDATE SET value = $2 RETURNING length(value)";
            tx.one(sql, bind!["k", "first"], |row| row.get::<i64>())?;
            tx.one(sql, bind!["k", "second"], |row| row.get())
        })
        .await;
    assert_eq!(upserted.unwrap(), 6);
    let read: Result<_, Fault> = vault.read(|tx| {
        let nothing = none();
        let sql = "SELECT COUNT(*) FROM facts WHERE ($1 IS NULL OR name = $1)";
        let all: i64 = tx.one(sql, bind![nothing], |row| row.get())?;
        let one: i64 = tx.one(sql, bind!["k"], |row| row.get())?;
        let folded = tx.exists(
            "SELECT 1 FROM facts WHERE lower(value) = lower($1)",
            bind!["SECOND"],
        )?;
        Ok((all, one, folded))
    });
    assert_eq!(read.unwrap(), (1, 1, true));
}

/// A foreign key that points nowhere is refused.
pub async fn references_hold(vault: &Vault) {
    let refused: Result<usize, Fault> = vault
        .write(|tx| {
            let sql = "INSERT INTO slots (user_id, rom_id, slot) VALUES (999, 999, 's')";
            tx.execute(sql, &[])
        })
        .await;
    assert!(refused.is_err());
}

fn none() -> Option<String> {
    None
}

fn hash() -> [u8; 32] {
    std::array::from_fn(|at| u8::try_from(at).unwrap_or_default())
}

async fn set(vault: &Vault, name: &'static str, value: &str) -> Result<(), Fault> {
    let value = value.to_owned();
    vault.write(move |tx| put(tx, name, &value)).await
}

fn get(vault: &Vault, name: &str) -> Option<String> {
    let read: Result<_, Fault> = vault.read(|tx| value(tx, name));
    read.unwrap()
}

fn put(tx: &Tx<'_>, name: &str, value: &str) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO facts (name, value) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET value = $2",
        bind![name, value],
    )?;
    Ok(())
}

fn value(tx: &Tx<'_>, name: &str) -> Result<Option<String>, Fault> {
    tx.optional(
        "SELECT value FROM facts WHERE name = $1",
        bind![name],
        |row| row.get(),
    )
}
