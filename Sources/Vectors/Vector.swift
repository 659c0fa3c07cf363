package import SQLTypes

/// How the values of a vector lie in memory.
package enum VectorForm: UInt8, Hashable, Sendable {
    /// One value per row, `physical.stride` bytes each.
    case flat
    /// One value for all rows, at index 0.
    case constant
    /// int64 only: `base` plus an unsigned offset of 1, 2 or 4 bytes per row.
    case narrow8
    case narrow16
    case narrow32
    /// Codes of 1, 2 or 4 bytes per row into `dictionary`.
    case dictionary8
    case dictionary16
    case dictionary32

    /// Bytes of one row's entry for a physical type.
    package func stride(of physical: PhysicalType) -> Int {
        switch self {
        case .flat, .constant: physical.stride
        case .narrow8, .dictionary8: 1
        case .narrow16, .dictionary16: 2
        case .narrow32, .dictionary32: 4
        }
    }
}

/// One column of a chunk: `count` values of one physical type in one of several forms.
///
/// The *logical* type stands in the plan; a vector knows only how its values lie. A DECIMAL of
/// more than 19 digits may come as `int64` where its bounds allow it: kernels switch on
/// `physical`, never on the logical type.
///
/// Immutable after it has been handed on, so it may cross threads.
package final class Vector: @unchecked Sendable {  // Immutable once published; see above.
    /// The type of a value in memory.
    package let physical: PhysicalType
    /// How the values lie.
    package let form: VectorForm
    /// Rows.
    package let count: Int
    /// The entries: `form.stride(of: physical)` bytes each; one entry where constant.
    package let data: UnsafeMutableRawPointer
    /// Added to every offset of a narrow form; 0 otherwise.
    package let base: Int64
    /// The distinct values a dictionary form's codes point to; always flat, without NULLs.
    package let dictionary: Vector?
    /// Bit r of word r / 64 is set where row r is not NULL; nil where no row is NULL.
    ///
    /// For a constant, one word whose bit 0 tells all rows. Entries of NULL rows hold any bits,
    /// except that dictionary codes of NULL rows are valid codes and string views of NULL rows
    /// are safe to read.
    package let validity: [UInt64]?
    /// Values lie within these, if known: int64 only.
    ///
    /// May be wider than the values.
    package let bounds: ClosedRange<Int64>?
    /// What keeps `data`, and the text that views point to, alive.
    package let owners: [AnyObject]

    /// Makes a vector over memory that `owners` keep alive.
    package init(
        physical: PhysicalType,
        form: VectorForm,
        count: Int,
        data: UnsafeMutableRawPointer,
        base: Int64 = 0,
        dictionary: Vector? = nil,
        validity: [UInt64]? = nil,
        bounds: ClosedRange<Int64>? = nil,
        owners: [AnyObject]
    ) {
        self.physical = physical
        self.form = form
        self.count = count
        self.data = data
        self.base = base
        self.dictionary = dictionary
        self.validity = validity
        self.bounds = bounds
        self.owners = owners
    }

    /// Whether every row has the same entry.
    package var isConstant: Bool { form == .constant }

    /// Whether no row can be NULL.
    package var hasNoNulls: Bool { validity == nil }

    /// Whether row `row` is NULL.
    package func isNull(_ row: Int) -> Bool {
        guard let validity else { return false }
        let bit = isConstant ? 0 : row
        return validity[bit >> 6] >> UInt64(bit & 63) & 1 == 0
    }

    /// The entries as values of `Element`; the caller knows that the form's stride fits.
    @inlinable
    package func entries<Element>(as type: Element.Type) -> UnsafeMutablePointer<Element> {
        data.assumingMemoryBound(to: type)
    }
}

/// How many rows a chunk holds at most.
package let chunkRowCountMax = 2048

/// A batch of rows between steps: vectors of equal count.
///
/// Always dense: filters and joins gather the rows that pass, in the narrow or dictionary form
/// they have, so that no later kernel needs a second loop for selections.
package struct Chunk: Sendable {
    /// Rows of every vector; counts even where there is no column.
    package var count: Int
    /// One vector per column.
    package var columns: [Vector]

    /// Makes a chunk of columns that have `count` rows each.
    package init(count: Int, columns: [Vector]) {
        self.count = count
        self.columns = columns
    }
}
