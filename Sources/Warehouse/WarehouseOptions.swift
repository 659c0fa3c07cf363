/// How a warehouse is opened, and the shape it gets when it is being created.
public struct WarehouseOptions: Sendable {
    /// The directory; nil for a temporary warehouse that is removed when closed.
    public var path: String?
    /// Compute nodes of a new warehouse.
    public var nodes: Int = 2
    /// Slices of each node of a new warehouse.
    public var slicesPerNode: Int = 2
    /// Disks of each slice of a new warehouse.
    public var disksPerSlice: Int = 1
    /// Memory for this process in bytes; nil for 70 % of the machine's.
    public var memoryBytes: Int?
    /// Days that the record of statements and of refused rows goes back; 0 records no statement.
    public var historyDays = 7
    /// Whether to open a pinned snapshot without the right to write.
    public var isReadOnly = false
    /// Whether small extents are merged and deleted rows reclaimed while sessions work.
    public var mergesInBackground = true

    /// Makes options for a directory, or for a temporary warehouse.
    public init(path: String? = nil) { self.path = path }
}

/// Where a session's transaction stands, as the prompt and the wire protocol show it.
public enum TransactionStatus: Sendable {
    /// No block is open: every statement commits by itself.
    case idle
    /// A block is open.
    case inBlock
    /// A block is open and one of its statements failed: only its end is accepted.
    case failed
}
