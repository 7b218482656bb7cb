//! How the looks at the library stand: whether the disk is being compared, which bytes are read.

use keepsave_core::time::Time;
use tokio::sync::watch;

/// How they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looks {
    /// Whether the disk is being compared with what is known.
    pub under_way: bool,
    /// When that was done last.
    pub last: Option<Time>,
    /// How many new games were read, of how many, while they are being read.
    pub reading: Option<(u64, u64)>,
}

/// The disk is being compared, for as long as this lives.
pub(super) struct Comparing<'a>(&'a watch::Sender<Looks>);

impl<'a> Comparing<'a> {
    pub(super) fn begin(looks: &'a watch::Sender<Looks>) -> Self {
        looks.send_modify(|looks| looks.under_way = true);
        Self(looks)
    }

    /// Everything was compared.
    pub(super) fn done(self, at: Time) {
        self.0.send_modify(|looks| looks.last = Some(at));
    }
}

impl Drop for Comparing<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|looks| looks.under_way = false);
    }
}

/// Games are being read, for as long as this lives.
pub(super) struct Reading<'a> {
    looks: &'a watch::Sender<Looks>,
    of: u64,
}

impl<'a> Reading<'a> {
    pub(super) fn begin(looks: &'a watch::Sender<Looks>, of: usize) -> Self {
        let of = of as u64;
        Self { looks, of }
    }

    /// So many are left.
    pub(super) fn left(&self, left: usize) {
        let read = self.of - left as u64;
        self.looks
            .send_modify(|looks| looks.reading = Some((read, self.of)));
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.looks.send_modify(|looks| looks.reading = None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_said_for_as_long_as_it_goes_on_however_it_ends() {
        let looks = watch::Sender::new(Looks::default());
        drop(Comparing::begin(&looks));
        assert_eq!(*looks.borrow(), Looks::default());

        let comparing = Comparing::begin(&looks);
        assert!(looks.borrow().under_way);
        comparing.done(Time::EPOCH);
        let done = Looks {
            last: Some(Time::EPOCH),
            ..Looks::default()
        };
        assert_eq!(*looks.borrow(), done);

        let reading = Reading::begin(&looks, 3);
        for (left, read) in [(3, 0), (1, 2)] {
            reading.left(left);
            assert_eq!(looks.borrow().reading, Some((read, 3)));
        }
        drop(reading);
        assert_eq!(*looks.borrow(), done);
    }
}
