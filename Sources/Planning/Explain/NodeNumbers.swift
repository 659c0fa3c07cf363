import Plans

extension PlanningContext {
    /// A tree whose nodes have numbers that no other tree of the statement has, parents first.
    func numbered(_ tree: PhysicalNode) -> PhysicalNode {
        var tree = tree
        number(&tree)
        return tree
    }

    private func number(_ node: inout PhysicalNode) {
        switch node.kind {
        case .filter, .project:
            number(&node.children[0])
            node.number = node.children[0].number
        default:
            numberedNodeCount += 1
            node.number = numberedNodeCount
            for index in node.children.indices { number(&node.children[index]) }
        }
    }
}
