//! What a server answers, as this machine reads it.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::server::seen::{
    Rows, SeenDevice, SeenDeviceCode, SeenGame, SeenGames, SeenOperation, SeenPlan,
    SeenRegistration, SeenSave, SeenSession, SeenState, SeenToken, SeenUser,
};

/// Every answer: read, or refused with a reason; and of a list no row is lost without a word.
pub fn answers(data: &[u8]) {
    told::<SeenSave>(data);
    told::<SeenGame>(data);
    told::<SeenGames>(data);
    told::<SeenState>(data);
    told::<SeenOperation>(data);
    told::<SeenPlan>(data);
    told::<SeenSession>(data);
    told::<SeenDevice>(data);
    told::<SeenRegistration>(data);
    told::<SeenUser>(data);
    told::<SeenToken>(data);
    told::<SeenDeviceCode>(data);
    let rows: Result<Rows<SeenSave>, _> = serde_json::from_slice(data);
    let listed: Result<Vec<Value>, _> = serde_json::from_slice(data);
    if let (Ok(rows), Ok(listed)) = (rows, listed) {
        assert_eq!(rows.rows.len() + rows.unreadable.len(), listed.len());
    }
}

/// It is read alike with what a later version may add.
fn told<T: DeserializeOwned + Debug>(data: &[u8]) {
    let (Ok(seen), Ok(text)) = (serde_json::from_slice::<T>(data), std::str::from_utf8(data))
    else {
        return;
    };
    let Some(fields) = text.trim_start().strip_prefix('{') else {
        return;
    };
    let comma = if fields.trim_start().starts_with('}') {
        ""
    } else {
        ","
    };
    let later = format!("{{\"a field of a later version\": [true]{comma}{fields}");
    let again = serde_json::from_str::<T>(&later);
    let again = again.map(|it| format!("{it:?}"));
    assert_eq!(again.ok(), Some(format!("{seen:?}")), "{later}");
}
