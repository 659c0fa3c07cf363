import SQLTypes

/// How a kernel learns, amid long work on one chunk, that its statement is to end.
///
/// Who runs kernels on a thread binds ``isRequested`` around them; kernels whose work on one row
/// has no small bound, as regular expressions have none, call ``check()`` between rows.
package enum Interruption {
    /// Tells whether the statement that this thread works for is to end; nil for never.
    @TaskLocal package static var isRequested: (@Sendable () -> Bool)?

    /// Ends the kernel if its statement is to end.
    ///
    /// - Throws: 57014.
    static func check() throws(SQLError) {
        if isRequested?() == true {
            throw SQLError(.queryCanceled, "Query canceled on user's request")
        }
    }
}
