import Catalogs
import Execution
import Plans
import Planning
import Storage

extension StatementRun {
    /// Stores a table's rows anew under another definition: as INSERT … SELECT into itself would.
    ///
    /// The slices read the rows as `old` has them and write them where and as `new` says; the
    /// definition changes between the two. Readers keep the version they have pinned.
    ///
    /// `values` tells for each column of `new` what it holds.
    ///
    /// - Errors: 23502 a NULL in a column that is NOT NULL now, 22001 text that no longer fits.
    func rewriteRows(
        of old: TableDefinition,
        as new: TableDefinition,
        values: [AlteredValue],
        in transaction: StoreTransaction
    ) throws(SQLError) {
        let bound = BoundQuery(
            plan: rewritingPlan(of: old, as: new, values: values),
            target: .insert(new),
            scalarSubqueries: [],
            resultColumns: []
        )
        let planned = try plan(bound, snapshot: transaction.view)
        let outcome = try warehouse.slices.run(
            planned.executable,
            context: executionContext(planned.executable, transaction: transaction)
        ) { (_) throws(SQLError) in }
        try transaction.truncate(old.id)
        try transaction.redefineEmpty(new)
        try apply(outcome, to: transaction)
    }

    private func rewritingPlan(
        of old: TableDefinition,
        as new: TableDefinition,
        values: [AlteredValue]
    ) -> LogicalPlan {
        let columns = old.columns.enumerated().map { index, column in
            PlanColumn(
                id: index,
                name: column.name,
                type: column.type,
                qualifier: old.name,
                origin: ColumnOrigin(table: old.id, column: index)
            )
        }
        let scan = LogicalPlan.scan(
            LogicalScan(
                table: old,
                alias: old.name,
                columnIndexes: Array(old.columns.indices),
                output: columns
            )
        )
        let isPlain = values.enumerated().allSatisfy { index, value in
            if case .kept(index) = value { true } else { false }
        }
        if isPlain, values.count == columns.count { return scan }
        let items = values.enumerated().map { index, value in
            let column = new.columns[index]
            let expression: Expression
            switch value {
            case .kept(let source): expression = .column(source, old.columns[source].type)
            case .cast(let source):
                expression = .cast(
                    .column(source, old.columns[source].type),
                    column.type,
                    isExplicit: false
                )
            case .filled(let filled): expression = filled
            }
            return NamedExpression(
                column: PlanColumn(id: columns.count + index, name: column.name, type: column.type),
                expression: expression
            )
        }
        return .project(scan, items)
    }
}
