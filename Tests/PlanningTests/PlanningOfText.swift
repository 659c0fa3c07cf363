import Catalogs
import Planning
import Plans
import SQLSyntax
import SQLTypes
import Testing

/// The plan of one statement's text against a catalog.
func planned(
    _ text: String,
    _ catalog: any CatalogSnapshot = TPCHCatalog(),
    sampler: (any RowSampler)? = nil,
    settings: PlannerSettings = PlannerSettings()
) throws -> PlannedQuery {
    let context = BindingContext(catalog: catalog)
    let bound: BoundQuery =
        switch try parseStatement(text) {
        case .query(let syntax): try bindQuery(syntax, context: context)
        case .insert(let syntax): try bindInsert(syntax, context: context)
        case .update(let syntax): try bindUpdate(syntax, context: context)
        case .delete(let syntax): try bindDelete(syntax, context: context)
        default: throw SQLError.invariant("a test plans only queries and changes")
        }
    return try planQuery(bound, catalog: catalog, sampler: sampler, settings: settings)
}

/// The lines of the tree alone.
func tree(
    _ text: String,
    _ catalog: any CatalogSnapshot = TPCHCatalog(),
    settings: PlannerSettings = PlannerSettings()
) throws -> [String] {
    var settings = settings
    settings.explainSlices = false
    return try explainText(planned(text, catalog, settings: settings), settings: settings)
}

/// The labels of all joins of a statement, sorted.
func labels(_ text: String, _ catalog: any CatalogSnapshot = TPCHCatalog()) throws -> [String] {
    try planned(text, catalog).executable.joins.map(\.label).sorted()
}

extension ExecutablePlan {
    /// All segments, by number.
    var segments: [Segment] { streams.flatMap(\.segments) }

    /// The scan of the table of that name.
    func scan(of name: String) throws -> ScanSpecification {
        for segment in segments {
            if case .scan(let scan) = segment.source, tables[scan.table]?.name == name {
                return scan
            }
        }
        throw SQLError.invariant("no scan of \(name)")
    }
}
