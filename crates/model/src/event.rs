//! What can happen in a history, told in words.

use std::fmt;

use crate::client::Fault;

/// One step of a history. Devices are numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A player plays on.
    Edit(u8),
    /// The client does what it does when it syncs.
    Sync(u8),
    /// The same, and something goes wrong.
    FaultySync(u8, Fault),
    /// The file is what it was one edit earlier.
    GoBack(u8),
    /// The file of another device is copied here by hand.
    Copy {
        /// From which device.
        from: u8,
        /// To which.
        to: u8,
    },
    /// A person downloads the oldest row on purpose.
    TakeOldestRow(u8),
    /// The last request arrives once more.
    SendAgain(u8),
    /// A person settles a conflict, or what looks like one, in favour of the file here.
    KeepLocal(u8),
    /// A person deletes the newest row.
    DeleteNewest,
    /// A person deletes the oldest row.
    DeleteOldest,
    /// A person takes the last delete back.
    Undelete,
    /// Autocleanup hides all rows but the newest.
    CleanUp,
    /// An upload that names no device.
    UploadByNobody,
}

impl Event {
    /// Every event of that many devices.
    pub fn all(devices: u8) -> Vec<Self> {
        let mut events = vec![
            Self::DeleteNewest,
            Self::DeleteOldest,
            Self::Undelete,
            Self::CleanUp,
            Self::UploadByNobody,
        ];
        for device in 0..devices {
            events.extend([
                Self::Edit(device),
                Self::Sync(device),
                Self::FaultySync(device, Fault::LostAnswer),
                Self::FaultySync(device, Fault::LostDownload),
                Self::FaultySync(device, Fault::LostAck),
                Self::GoBack(device),
                Self::TakeOldestRow(device),
                Self::SendAgain(device),
                Self::KeepLocal(device),
            ]);
            let others = (0..devices).filter(|&from| from != device);
            events.extend(others.map(|from| Self::Copy { from, to: device }));
        }
        events
    }

    /// The same, of devices that are called otherwise.
    #[cfg(test)]
    pub(crate) fn of(self, other: fn(u8) -> u8) -> Self {
        match self {
            Self::Edit(device) => Self::Edit(other(device)),
            Self::Sync(device) => Self::Sync(other(device)),
            Self::FaultySync(device, fault) => Self::FaultySync(other(device), fault),
            Self::GoBack(device) => Self::GoBack(other(device)),
            Self::Copy { from, to } => Self::Copy {
                from: other(from),
                to: other(to),
            },
            Self::TakeOldestRow(device) => Self::TakeOldestRow(other(device)),
            Self::SendAgain(device) => Self::SendAgain(other(device)),
            Self::KeepLocal(device) => Self::KeepLocal(other(device)),
            Self::DeleteNewest
            | Self::DeleteOldest
            | Self::Undelete
            | Self::CleanUp
            | Self::UploadByNobody => self,
        }
    }

    /// Whether it is anything but an edit or a plain sync. A history has few of these.
    pub fn is_disruption(self) -> bool {
        !matches!(self, Self::Edit(_) | Self::Sync(_))
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |device: u8| char::from(b'A' + device);
        match *self {
            Self::Edit(device) => write!(f, "{} plays", name(device)),
            Self::Sync(device) => write!(f, "{} syncs", name(device)),
            Self::FaultySync(device, fault) => write!(f, "{} syncs, {fault}", name(device)),
            Self::GoBack(device) => write!(f, "{} goes back by one edit", name(device)),
            Self::Copy { from, to } => {
                write!(f, "{}'s file is copied to {}", name(from), name(to))
            }
            Self::TakeOldestRow(device) => write!(f, "{} takes the oldest row", name(device)),
            Self::SendAgain(device) => write!(f, "{}'s last request comes again", name(device)),
            Self::KeepLocal(device) => write!(f, "{} keeps its own file", name(device)),
            Self::DeleteNewest => f.write_str("the newest row is deleted"),
            Self::DeleteOldest => f.write_str("the oldest row is deleted"),
            Self::Undelete => f.write_str("the last delete is taken back"),
            Self::CleanUp => f.write_str("autocleanup keeps the newest row"),
            Self::UploadByNobody => f.write_str("nobody known uploads"),
        }
    }
}
