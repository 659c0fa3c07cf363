/// Throws where long work must end: the statement was cancelled, or another part of it failed.
///
/// Loops over many rows ask every 65,536 of them, or every few milliseconds; what it throws is
/// thrown on. It costs a load and must not be asked once a row.
public typealias StopCheck = () throws(SQLError) -> Void

/// Rows that a loop works between two questions.
public let rowsPerStopCheck = 65_536

/// Bytes that are copied or filled between two questions: memory that was never touched takes up
/// to 0.7 ms a MiB.
public let bytesPerStopCheck = 4 << 20
