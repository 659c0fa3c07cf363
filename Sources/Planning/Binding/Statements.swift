package import Plans
package import SQLSyntax
package import SQLTypes

/// Binds a SELECT, VALUES or set operation.
///
/// - Errors: 42P01 unknown table, 42703 unknown column, 42702 ambiguous column, 42883 unknown
///   function or operator, 42804 wrong type, 42803 grouping, 0A000 what is not supported.
package func bindQuery(
    _ query: Query,
    context: BindingContext
) throws(SQLError) -> BoundQuery {
    let binder = Binder(context: context)
    return try binder.boundQuery(binder.bindQuery(query, in: Environment()))
}

/// Binds INSERT; the plan puts out every column of the table, in order, cast to its type.
///
/// - Errors: as ``bindQuery(_:context:)``; 42601 where values and columns do not pair, 42701 a
///   column named twice, 0A000 a value for an IDENTITY column.
package func bindInsert(
    _ insert: InsertSyntax,
    context: BindingContext
) throws(SQLError) -> BoundQuery {
    try Binder(context: context).bindInsert(insert)
}

/// Binds UPDATE; the plan puts out every column of the table, then row address and row slice.
///
/// With FROM, a row that several source rows match is changed once, by the last of them; with
/// `error_on_nondeterministic_update` it stands in the plan's rows as often as it has matches.
package func bindUpdate(
    _ update: UpdateSyntax,
    context: BindingContext
) throws(SQLError) -> BoundQuery {
    try Binder(context: context).bindUpdate(update)
}

/// Binds DELETE; the plan puts out row address and row slice, each row once.
package func bindDelete(
    _ delete: DeleteSyntax,
    context: BindingContext
) throws(SQLError) -> BoundQuery {
    try Binder(context: context).bindDelete(delete)
}

/// Binds MERGE; the plan puts out every column of the table, then row address and row slice.
///
/// A row of the table that several source rows match stands in the plan's rows as often.
///
/// - Errors: as ``bindUpdate(_:context:)`` and ``bindInsert(_:context:)``.
package func bindMerge(
    _ merge: MergeSyntax,
    context: BindingContext
) throws(SQLError) -> BoundQuery {
    try Binder(context: context).bindMerge(merge)
}
