import Plans

/// What stands in parentheses behind a node's title.
struct PlanFigures {
    /// Rounded to hundredths, as they are printed.
    let startupCost: Double
    let totalCost: Double
    let rows: Double
    let width: Double
    /// `(cost=0.00..87.98 rows=8798 width=17)`.
    let text: String

    init(of node: PhysicalNode) {
        let startup = hundredths(max(0, node.startupCost))
        let total = hundredths(max(0, node.totalCost))
        startupCost = Double(startup) / 100
        totalCost = Double(total) / 100
        rows = max(0, node.rows).rounded()
        width = max(0, node.shownWidth).rounded()
        text =
            "(cost=\(figure(hundredths: startup))..\(figure(hundredths: total)) "
            + "rows=\(whole(rows)) width=\(whole(width)))"
    }
}

/// A cost with two decimals.
func figure(_ value: Double) -> String { figure(hundredths: hundredths(max(0, value))) }

private func figure(hundredths: Int128) -> String {
    let rest = Int(hundredths % 100)
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
}

/// The nearest number of hundredths to a value as it is, which mostly is no decimal: 2.525 is a
/// little less and becomes 252, as C's printf has it.
private func hundredths(_ value: Double) -> Int128 {
    let product = value * 100
    let below = product.rounded(.down)
    // What the product lost in rounding decides a tie.
    let lost = (-product).addingProduct(value, 100)
    guard product - below == 0.5, lost != 0 else {
        return Int128(product.rounded(.toNearestOrEven))
    }
    return Int128(below) + (lost > 0 ? 1 : 0)
}

/// A count without decimals.
func whole(_ value: Double) -> String { "\(Int128(max(0, value).rounded()))" }
