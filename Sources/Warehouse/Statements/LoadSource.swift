import Catalogs
import Execution
import Loading
import Synchronization
import Vectors

/// The files of a COPY as rows: range r is parsed by slice r modulo the number of slices, so that
/// placement depends on the files and the cluster alone.
///
/// Files of a manifest are verified while they are parsed; see ``LoadVerification``. The SHA-256
/// pass over a file that is cut belongs to the slice that would get its next range.
final class LoadSource: ProvidedSource {
    private let ranges: [LoadRange]
    private let verification: LoadVerification
    private let cancellation: Cancellation
    private let columns: [LoadColumn]
    private let options: CopyOptions
    private let refused = Mutex(RefusedRows())
    private let refusedRowCount = Atomic<Int>(0)

    init(
        ranges: [LoadRange],
        columns: [LoadColumn],
        options: CopyOptions,
        cancellation: Cancellation
    ) {
        self.ranges = ranges
        self.cancellation = cancellation
        verification = LoadVerification(ranges)
        self.columns = columns
        self.options = options
    }

    /// The refused rows that are kept so far, by file and line, with the slice that parsed them.
    var errors: [RefusedRows.Row] { refused.withLock { $0.kept() } }

    /// How many rows were refused, kept or not.
    var refusedCount: Int { refusedRowCount.load(ordering: .relaxed) }

    /// The error of a COPY: that of too many refused rows, or what stopped it.
    func failure(of error: SQLError, table: String) -> SQLError {
        guard error == Self.tooManyErrors else { return error }
        let first = errors.first?.error
        return SQLError(
            .internalError,
            "Load into table '\(table)' failed.  Check 'stl_load_errors' system table for "
                + "details.",
            detail: first.map { first in
                "\(first.file), line \(first.line)"
                    + (first.column.isEmpty ? "" : ", column \(first.column)")
                    + ": \(first.reason) (code \(first.code))"
            }
        )
    }

    func makeReader(slice: SliceID, of count: Int) throws(SQLError) -> any ProvidedReader {
        let own = Array(stride(from: slice, to: ranges.count, by: count))
        let passes = verification.passes.enumerated().filter { index, _ in
            (ranges.count + index) % count == slice
        }
        return Reader(
            source: self,
            slice: slice,
            ranges: own,
            passes: passes.map { $0.element.makeHashing() }
        )
    }

    /// Makes sure, once all is parsed, that all was verified; XX000 otherwise.
    func requireVerified() throws(SQLError) { try verification.requireComplete() }

    /// Thrown on a slice when the refused rows reach MAXERROR; ``failure(of:table:)`` words it.
    private static let tooManyErrors = SQLError(.badCopyFileFormat, "too many load errors")

    private func note(_ errors: [LoadError], rejected: Int, slice: SliceID) throws(SQLError) {
        guard rejected > 0 else { return }
        refused.withLock { $0.append(errors, slice: slice) }
        let total = refusedRowCount.add(rejected, ordering: .relaxed).newValue
        if let limit = options.errorLimit, total >= limit { throw Self.tooManyErrors }
    }

    private final class Reader: ProvidedReader {
        private let source: LoadSource
        private let slice: SliceID
        /// Numbers of the ranges to come.
        private var ranges: ArraySlice<Int>
        private var passes: ArraySlice<FileHashing>
        private var current: DelimitedReader?
        private var notedCount = 0

        init(source: LoadSource, slice: SliceID, ranges: [Int], passes: [FileHashing]) {
            self.source = source
            self.slice = slice
            self.ranges = ranges[...]
            self.passes = passes[...]
        }

        /// The next rows; between them a step of hashing, whose rest comes after the last.
        func next() throws(SQLError) -> Chunk? {
            if let pass = passes.first, try !pass.step() { passes.removeFirst() }
            if let chunk = try parse() { return chunk }
            return passes.isEmpty ? nil : Chunk(count: 0, columns: [])
        }

        private func parse() throws(SQLError) -> Chunk? {
            while true {
                if let current {
                    let chunk = try current.next()
                    let rejected = current.rejectedRowCount - notedCount
                    notedCount = current.rejectedRowCount
                    try source.note(try current.takeErrors(), rejected: rejected, slice: slice)
                    if let chunk { return chunk }
                    self.current = nil
                }
                guard let number = ranges.popFirst() else { return nil }
                notedCount = 0
                current = try DelimitedReader(
                    range: source.ranges[number],
                    columns: source.columns,
                    options: source.options,
                    verification: source.verification,
                    number: number,
                    check: source.cancellation.check
                )
            }
        }
    }
}
