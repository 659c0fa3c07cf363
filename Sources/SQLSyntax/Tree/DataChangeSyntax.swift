/// A value of INSERT … VALUES or of SET: an expression or the word DEFAULT.
package enum AssignedValueSyntax: Hashable, Sendable {
    case expression(ExpressionSyntax)
    case defaultValue(position: Int)

    /// Where it stands.
    package var position: Int {
        switch self {
        case .expression(let expression): expression.position
        case .defaultValue(let position): position
        }
    }
}

/// `INSERT INTO table [(columns)] source`.
package struct InsertSyntax: Hashable, Sendable {
    /// Where the rows come from.
    package enum Source: Hashable, Sendable {
        case defaultValues
        /// Rows of VALUES; equal lengths are not promised.
        case values([[AssignedValueSyntax]])
        case query(Query)
    }
    package var table: ObjectNameSyntax
    /// Empty where not written.
    package var columns: [NameSyntax]
    package var source: Source
}

/// `[WITH …] UPDATE table [[AS] alias] SET … [FROM …] [WHERE …]`.
package struct UpdateSyntax: Hashable, Sendable {
    /// `column = value`.
    package struct Assignment: Hashable, Sendable {
        package var column: NameSyntax
        package var value: AssignedValueSyntax
    }
    package var with: WithSyntax?
    package var table: ObjectNameSyntax
    package var alias: NameSyntax?
    package var assignments: [Assignment]
    package var from: [TableReferenceSyntax]
    package var whereCondition: ExpressionSyntax?
}

/// `[WITH …] DELETE [FROM] table [[AS] alias] [USING …] [WHERE …]`.
package struct DeleteSyntax: Hashable, Sendable {
    package var with: WithSyntax?
    package var table: ObjectNameSyntax
    package var alias: NameSyntax?
    package var using: [TableReferenceSyntax]
    package var whereCondition: ExpressionSyntax?
}

/// `MERGE INTO table [[AS] alias] USING source [[AS] alias] ON condition action`.
package struct MergeSyntax: Hashable, Sendable {
    /// What happens to the rows.
    package enum Action: Hashable, Sendable {
        /// `WHEN MATCHED THEN … WHEN NOT MATCHED THEN INSERT …`.
        case clauses(Matched, Insertion)
        /// `REMOVE DUPLICATES`.
        case removeDuplicates
    }
    /// What happens to a row of the table that has a match.
    package enum Matched: Hashable, Sendable {
        case update([UpdateSyntax.Assignment])
        case delete
    }
    /// `INSERT [(columns)] VALUES (…)`.
    package struct Insertion: Hashable, Sendable {
        /// Empty where not written.
        package var columns: [NameSyntax]
        package var values: [AssignedValueSyntax]
    }
    package var table: ObjectNameSyntax
    package var alias: NameSyntax?
    package var source: ObjectNameSyntax
    package var sourceAlias: NameSyntax?
    package var condition: ExpressionSyntax
    package var action: Action
}

/// `COPY table [(columns)] FROM 'source' options`.
package struct CopySyntax: Hashable, Sendable {
    package var table: ObjectNameSyntax
    package var columns: [NameSyntax]
    package var source: StringSyntax
    /// In the order written.
    package var options: [CopyOptionSyntax]
}

/// One word of COPY with its argument.
package struct CopyOptionSyntax: Hashable, Sendable {
    /// An option's argument.
    package enum Value: Hashable, Sendable {
        case string(String)
        case integer(Int64)
        /// A bare word in lower case: `on`, `off`, `true`, `false`, `preset`, `default`.
        case word(String)
    }
    /// The option in lower case.
    ///
    /// For example `delimiter`, `csv`, `ignoreheader`, `iam_role`; `NULL AS` is `null`. FORMAT
    /// leaves no trace.
    package var name: String
    package var value: Value?
    package var position: Int
    /// Where the argument stands; the option's own place without one.
    package var valuePosition: Int
}
