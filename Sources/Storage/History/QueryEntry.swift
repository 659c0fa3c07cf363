/// One statement as the record keeps it: who ran what when, its plan, and what its steps did.
///
/// Times are microseconds since 2000-01-01 00:00:00 UTC; durations are microseconds.
package struct QueryEntry: Hashable, Sendable {
    /// Which of Redshift's logs a statement belongs to.
    package enum Group: Int, Sendable {
        case query, definition, utility
    }

    /// How a statement ended.
    package enum Status: Int, Sendable {
        case success, failed, canceled
    }

    package var number = 0
    package var session = 0
    /// The number of the first statement of its transaction.
    package var transaction = 0
    package var group = Group.query
    /// SELECT, INSERT, …, DDL, UTILITY.
    package var type = ""
    package var text = ""
    /// The session's `query_group`.
    package var label = ""
    package var startTime = 0
    package var endTime = 0
    package var planningTime = 0
    package var executionTime = 0
    package var status = Status.success
    package var errorMessage = ""
    /// Rows and bytes that went to the client.
    package var returnedRows = 0
    package var returnedBytes = 0
    package var nodes: [PlanNodeEntry] = []
    package var steps: [StepEntry] = []
    package var alerts: [AlertEntry] = []

    /// Makes an empty entry to fill in.
    package init() {}
}

/// A line of a plan as EXPLAIN printed it, with what became of it.
package struct PlanNodeEntry: Hashable, Sendable {
    /// Counts lines of nodes from 1.
    package var id = 0
    /// 0 for the root.
    package var parent = 0
    package var line = ""
    /// Attributes: conditions, keys, filters.
    package var info = ""
    package var startupCost = 0.0
    package var totalCost = 0.0
    package var estimatedRows = 0.0
    package var width = 0.0
    /// Rows that left the node; nil where it did not run.
    package var rows: Int?

    /// Makes an empty entry to fill in.
    package init() {}
}

/// A step of a segment, with its figures for each slice.
package struct StepEntry: Hashable, Sendable {
    package var stream = 0
    package var segment = 0
    package var step = 0
    /// The step's name in Redshift's summary, such as hjoin.
    package var name = ""
    /// The name with what it works on: `scan   tbl=100448 name=user`.
    package var label = ""
    /// The table read or written, or the number of what is built; 0 for none.
    package var table = 0
    package var tableName = ""
    /// Whether zone maps may spare the scan rows.
    package var isRangeRestricted = false
    /// The plan node it works for; 0 for none.
    package var node = 0
    package var slices: [StepSliceEntry] = []

    /// Makes an empty entry to fill in.
    package init() {}
}

/// What a step did on one slice.
package struct StepSliceEntry: Hashable, Sendable {
    package var slice = 0
    /// Of its segment on the slice.
    package var startTime = 0
    package var endTime = 0
    /// Time the slice's thread worked on the segment.
    package var workTime = 0
    /// Rows put out; of a segment's last step those taken in.
    package var rows = 0
    package var bytes = 0
    /// Rows and bytes that went to other slices or nodes.
    package var rowsMoved = 0
    package var bytesMoved = 0
    package var memoryBytes = 0
    /// Bytes written to the slice's disks for want of memory.
    package var spilledBytes = 0
    /// Of a scan: rows of the units read, with deleted ones and without.
    package var rowsBeforeDeletes = 0
    package var rowsBeforeFilter = 0
    package var blocksRead = 0
    package var blocksSkipped = 0
    package var unitsRead = 0
    package var unitsSkipped = 0
    package var bytesRead = 0

    /// Makes an empty entry to fill in.
    package init() {}
}

/// Something worth looking at in a query, as STL_ALERT_EVENT_LOG tells it.
package struct AlertEntry: Hashable, Sendable {
    package var slice = 0
    package var segment = 0
    package var step = 0
    package var event = ""
    package var solution = ""

    /// Makes an empty entry to fill in.
    package init() {}
}
