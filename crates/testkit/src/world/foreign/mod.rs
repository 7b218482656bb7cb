//! Clients of others, which trust what a server tells them: each as its own people wrote it, in what
//! matters to saves.
