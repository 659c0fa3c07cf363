import SQLTypes

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// How many files the process may have open.
enum OpenFileLimit {
    /// The least that a warehouse is opened with.
    ///
    /// Catalog, history and lock take ten, and each slice writes to its disks. With fewer SQLite
    /// cannot open what it needs to report that.
    static let least = 32

    /// Raises the soft limit to the hard one, and makes sure that it is enough.
    ///
    /// - Throws: 53000 naming the limit where there are too few.
    static func raise() throws(SQLError) {
        var limit = rlimit()
        #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        // Where the system does not tell, opening the first file will.
        guard getrlimit(resource, &limit) == 0 else { return }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        try require(Int(clamping: limit.rlim_cur))
    }

    /// 53000 where so many files are too few.
    static func require(_ count: Int) throws(SQLError) {
        guard count < least else { return }
        throw SQLError(
            .insufficientResources,
            "too few files may be open: the limit is \(count), and at least \(least) are needed",
            hint: "Raise it, as with ulimit -n."
        )
    }
}
