import SQLTypes
import Vectors

/// SLICE_NUM(): the number of the slice that reads a row, as INTEGER.
///
/// - Errors: 0A000 where it stands in a condition that is not evaluated slice by slice.
/// - Source: Redshift's manual; the table of users it asks for is the binder's to see to.
package enum SliceNumberFunction {
    /// The function as it stands in a plan.
    package static let function = ScalarFunction(
        "slice_num",
        parameters: [],
        resultType: { _ in .integer },
        volatility: .volatile,
        canFail: true,
        onSlice: { onSlice($0) },
        kernel: { (_, _, _) throws(SQLError) -> Vector in
            throw SQLError.unsupported("SLICE_NUM in the condition of a join")
        }
    )

    private static func onSlice(_ slice: Int) -> ScalarFunction {
        ScalarFunction(
            "slice_num",
            parameters: [],
            resultType: { _ in .integer },
            volatility: .volatile,
            onSlice: { onSlice($0) },
            kernel: { (_, _, count) -> Vector in
                .constant(.int64(Int64(slice)), physical: .int64, count: count)
            }
        )
    }
}
