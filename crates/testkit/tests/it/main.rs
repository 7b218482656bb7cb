//! What the stand-in for RomM and the faults in front of a server are, seen from outside.

mod replay;
