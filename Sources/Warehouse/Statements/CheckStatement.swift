import Catalogs
import Execution
import Storage

extension StatementRun {
    /// CHECK WAREHOUSE: reads every record and block of the latest state, a row for each fault.
    ///
    /// What `slicehouse check` does, but for files that belong to no extent: beside open
    /// transactions there are such files. Temporary tables are not looked at. No rows where all is
    /// well; values that a fault has not are NULL.
    func checkWarehouse() throws(SQLError) {
        let store = warehouse.store
        let faults = try StoreCheck.faults(of: store, check: cancellation.check)
        let snapshot = store.current
        let names = ["table", "column", "slice", "block", "file", "fault"]
        try sink.begin(columns: names.map { ResultColumn(name: $0, type: .varchar(65_535)) })
        var columns = names.map { _ in RowBatch.Column() }
        for fault in faults {
            let table = snapshot.tableVersion(fault.table)?.definition
            let values: [String?] = [
                table.map { "\($0.schema).\($0.name)" } ?? "\(fault.table)",
                fault.block?.columnName, fault.block.map { "\($0.slice)" },
                fault.block.map { "\($0.number)" }, fault.block?.file,
                [fault.error.message, fault.error.detail].compactMap { $0 }
                    .joined(separator: ": "),
            ]
            for (index, value) in values.enumerated() { columns[index].append(value) }
        }
        if !faults.isEmpty {
            try sink.rows(RowBatch(columns: columns, rowCount: faults.count))
        }
        try sink.finish(tag: "CHECK \(faults.count)")
    }
}
