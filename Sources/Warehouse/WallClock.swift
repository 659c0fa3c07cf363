#if canImport(Glibc)
import Glibc
#endif

/// Where the time of day comes from, so that tests can set it.
struct WallClock: Sendable {
    /// Microseconds since 2000-01-01 00:00:00 UTC.
    var now: @Sendable () -> Int64

    /// The machine's clock.
    static let system = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return (Int64(time.tv_sec) - secondsFrom1970To2000) * 1_000_000
            + Int64(time.tv_nsec) / 1000
    }
}

/// Seconds between the Unix epoch and the one that Redshift's timestamps count from.
private let secondsFrom1970To2000: Int64 = 946_684_800
