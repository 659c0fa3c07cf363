package import Functions
package import SQLTypes

/// Which rows a window function sees together, and in which order.
package struct WindowDefinition: Hashable, Sendable {
    /// Rows that agree in these are one partition; NULLs agree.
    ///
    /// Without any, all rows are one.
    package var partition: [Expression]
    package var order: [SortItem]

    /// Makes a definition.
    package init(partition: [Expression], order: [SortItem]) {
        self.partition = partition
        self.order = order
    }

    /// The columns that partitions and order depend on.
    package var columns: Set<ColumnID> {
        (partition + order.map(\.expression)).reduce(into: []) { $0.formUnion($1.columns) }
    }

    /// The definition with each expression replaced by what `transform` makes of it.
    package func mapped(_ transform: (Expression) -> Expression) -> WindowDefinition {
        WindowDefinition(
            partition: partition.map(transform),
            order: order.map {
                SortItem(
                    expression: transform($0.expression),
                    isAscending: $0.isAscending,
                    nullsFirst: $0.nullsFirst
                )
            }
        )
    }
}

/// The rows around the current one that a window function sees, within its partition.
///
/// `ROWS BETWEEN 2 PRECEDING AND CURRENT ROW` is -2 to 0; nil is unbounded.
package struct WindowFrame: Hashable, Sendable {
    /// The first row, counted from the current one; nil is the partition's first.
    package var start: Int?
    /// The last row, counted from the current one; nil is the partition's last.
    package var end: Int?

    /// Makes a frame.
    package init(start: Int?, end: Int?) {
        self.start = start
        self.end = end
    }

    /// All rows of the partition.
    package static let partition = WindowFrame(start: nil, end: nil)
}

/// One window function of a window node.
package struct WindowCall: Hashable, Sendable {
    /// What it puts out.
    package var column: PlanColumn
    package var function: WindowFunction
    package var arguments: [Expression]
    package var ignoresNulls: Bool
    package var frame: WindowFrame
    /// LISTAGG(DISTINCT e).
    package var isDistinct: Bool
    /// The delimiter of LISTAGG, the share of a percentile.
    package var option: AggregateOption

    /// Makes a call.
    package init(
        column: PlanColumn,
        function: WindowFunction,
        arguments: [Expression],
        ignoresNulls: Bool,
        frame: WindowFrame,
        isDistinct: Bool = false,
        option: AggregateOption = .none
    ) {
        self.column = column
        self.function = function
        self.arguments = arguments
        self.ignoresNulls = ignoresNulls
        self.frame = frame
        self.isDistinct = isDistinct
        self.option = option
    }

    /// The call with each argument replaced by what `transform` makes of it.
    package func mapped(_ transform: (Expression) -> Expression) -> WindowCall {
        var copy = self
        copy.arguments = arguments.map(transform)
        return copy
    }
}

/// Window functions of one definition in a physical plan.
///
/// Its input lies on the slices by partition and in order. All expressions are columns, but for
/// arguments that are constants.
package struct PhysicalWindow: Sendable {
    package var definition: WindowDefinition
    package var calls: [WindowCall]

    /// Makes a node's description.
    package init(definition: WindowDefinition, calls: [WindowCall]) {
        self.definition = definition
        self.calls = calls
    }
}

/// Window functions over the rows sorted on one slice: what `SegmentSource.window` puts out.
package struct WindowSpecification: Sendable {
    /// An argument of a call.
    package enum Argument: Hashable, Sendable {
        case column(Int)
        case constant(Datum, DataType)
    }

    /// One function.
    package struct Call: Hashable, Sendable {
        package var function: WindowFunction
        package var arguments: [Argument]
        package var argumentTypes: [DataType]
        package var resultType: DataType
        package var ignoresNulls: Bool
        package var frame: WindowFrame
        package var isDistinct: Bool
        package var option: AggregateOption

        /// Makes a call.
        package init(
            function: WindowFunction,
            arguments: [Argument],
            argumentTypes: [DataType],
            resultType: DataType,
            ignoresNulls: Bool = false,
            frame: WindowFrame = .partition,
            isDistinct: Bool = false,
            option: AggregateOption = .none
        ) {
            self.function = function
            self.arguments = arguments
            self.argumentTypes = argumentTypes
            self.resultType = resultType
            self.ignoresNulls = ignoresNulls
            self.frame = frame
            self.isDistinct = isDistinct
            self.option = option
        }
    }

    /// The functions of one definition; puts out its input's columns, then one for each call.
    package struct Stage: Hashable, Sendable {
        /// Rows that agree in these columns are one partition, and lie together.
        package var partition: [Int]
        /// The columns of ORDER BY: rows that agree in them are peers.
        package var order: [Int]
        package var calls: [Call]

        /// Makes a stage.
        package init(partition: [Int], order: [Int], calls: [Call]) {
            self.partition = partition
            self.order = order
            self.calls = calls
        }
    }

    /// The sort whose rows it reads.
    package var sort: Int
    /// Each reads what the one before puts out, in the same order.
    package var stages: [Stage]

    /// Makes a specification.
    package init(sort: Int, stages: [Stage]) {
        self.sort = sort
        self.stages = stages
    }
}
