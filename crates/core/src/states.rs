//! Save states: what a state says of itself on a server, and what a device does about one.
//!
//! RomM keeps a state under its name alone: what is sent under a name that is there destroys what
//! had it, and nothing says which state grew from which. So each state is sent under a name of its
//! own, which says all that is to be known of it ([`Stamp`]). That holds on every server, and no
//! state ever takes the place of another there. Which is newer follows from the stamps
//! ([`decide()`]), never from a clock.

mod decide;
mod stamp;

pub use self::decide::{
    Baseline, Decision, Facts, Held, Here, Loader, May, NotLoadable, Reason, Row, SaveHere, decide,
    heads, superseded,
};
pub use self::stamp::{Ending, Mark, Stamp};
