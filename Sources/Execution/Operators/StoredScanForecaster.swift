import Catalogs
package import Plans
package import SQLTypes
package import Storage

/// Foretells what scans of stored tables read, as ``TableSource`` will ask the storage for it.
package struct StoredScanForecaster: ScanForecaster {
    private let snapshot: StoreSnapshot

    /// Makes a forecaster for the tables of a snapshot.
    package init(snapshot: StoreSnapshot) { self.snapshot = snapshot }

    package func forecast(
        _ scan: ScanSpecification,
        on slices: SliceSet
    ) throws(SQLError) -> [ForeseenScan] {
        guard let version = snapshot.tableVersion(scan.table) else { return [] }
        let own =
            switch slices {
            case .all: Array(0..<snapshot.shape.sliceCount)
            case .one(let slice): [slice]
            }
        var result: [ForeseenScan] = []
        for (index, slice) in own.enumerated() {
            let share = scan.share((index, own.count), of: slice, snapshot.shape)
            let forecast = try version.forecast(share, scan.request)
            result.append(
                ForeseenScan(
                    slice: slice,
                    blocksRead: forecast.blocksRead,
                    blockCount: forecast.blockCount,
                    unitsRead: forecast.unitsRead,
                    unitCount: forecast.unitCount,
                    rowsRead: forecast.rowsRead,
                    byteCount: forecast.byteCount,
                    isExact: forecast.isExact
                )
            )
        }
        return result
    }
}
