import CKernels

/// Tells the allocator to keep what is freed, for the life of the process.
///
/// A first touch of fresh memory costs 0.4 to 0.7 ms per MiB, more than scanning it ten times, so
/// chunks, hash tables and block buffers must come from pages that earlier ones left behind.
package func keepFreedMemory() { sk_keep_freed_memory() }
