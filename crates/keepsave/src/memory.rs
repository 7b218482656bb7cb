//! What becomes of memory that the program is done with.
//!
//! Says only how the allocator behaves; nothing here allocates.

/// Blocks from this size on are asked of the system one by one, and go back to it one by one.
#[cfg(target_env = "gnu")]
const LARGE_BYTES: libc::c_int = 2 * 1024 * 1024;
/// So much may lie free at the end of a heap: what a request needs, the next one needs again.
#[cfg(target_env = "gnu")]
const FREE_BYTES: libc::c_int = 2 * 1024 * 1024;
/// Threads take turns at so many heaps. Each keeps what it once needed.
#[cfg(target_env = "gnu")]
const HEAPS: libc::c_int = 2;

/// Lets what is not needed any more go back to the system.
///
/// glibc takes the largest block that was ever freed for one that will be needed again, and keeps
/// as much in every heap from then on. Checking one password takes 19 MiB, and there are as many
/// heaps as threads, so a server that was busy once would stay large for good.
#[cfg(target_env = "gnu")]
#[expect(
    unsafe_code,
    reason = "mallopt has no safe face; it takes two numbers and no pointer"
)]
pub fn give_back() {
    for (option, value) in [
        (libc::M_MMAP_THRESHOLD, LARGE_BYTES),
        (libc::M_TRIM_THRESHOLD, FREE_BYTES),
        (libc::M_ARENA_MAX, HEAPS),
    ] {
        // SAFETY: it stores the number under a lock of its own and may be called at any time.
        let taken = unsafe { libc::mallopt(option, value) };
        if taken == 0 {
            tracing::debug!(option, value, "the allocator goes on as it was");
        }
    }
}

/// Other C libraries give memory back by themselves.
#[cfg(not(target_env = "gnu"))]
pub fn give_back() {}

/// Gives back now what lies free between what is still needed: for whoever has done much and will
/// wait for long.
#[cfg(target_env = "gnu")]
#[expect(
    unsafe_code,
    reason = "malloc_trim has no safe face; it takes a number and no pointer"
)]
pub fn rest() {
    // SAFETY: it takes locks of its own and touches only what nobody holds.
    let _gave = unsafe { libc::malloc_trim(0) };
}

/// Other C libraries give memory back by themselves.
#[cfg(not(target_env = "gnu"))]
pub fn rest() {}
