import Plans

/// How the two sides of a join come together: the label of EXPLAIN and what it means.
struct JoinMotion {
    var label: JoinLabel
    var sharing: JoinSpecification.Sharing
    var outerMotion = RowMotion.none
    var innerMotion = RowMotion.none
    var outerOnSliceZero = false
    var innerOnSliceZero = false
    /// The network's part of the join's cost.
    var cost = 0.0
    /// Where the joined rows lie.
    var placement: Placement
}

extension PlanningContext {
    /// The cheapest motion by Redshift's network cost that gives right answers.
    ///
    /// | outer \ inner      | hashed on key | ALL            | elsewhere                          |
    /// |--------------------|---------------|----------------|------------------------------------|
    /// | hashed on key      | DIST_NONE     | DIST_ALL_NONE  | DIST_INNER or BCAST_INNER          |
    /// | ALL                | ALL_INNER     | DIST_ALL_NONE  | ALL_INNER                          |
    /// | elsewhere          | DIST_OUTER …  | DIST_ALL_NONE  | BCAST_INNER or DIST_BOTH           |
    ///
    /// A full or right join keeps unmatched rows of the inner, which is therefore never shared; NOT
    /// IN must see every NULL of the inner, so its inner is shared or on one slice.
    func chooseMotion(
        _ kind: JoinKind,
        _ outer: PhysicalNode,
        _ inner: PhysicalNode,
        _ keys: [JoinKeyPair]
    ) -> JoinMotion {
        let canHash = !keys.isEmpty && kind != .antiNullAware
        let keepsInner = kind == .full || kind == .right
        if outer.placement == .single, inner.placement == .single {
            return JoinMotion(label: .distNone, sharing: .perSlice, placement: .single)
        }
        if canHash, let placement = collocated(kind, outer, inner, keys) {
            return JoinMotion(label: .distNone, sharing: .perSlice, placement: placement)
        }
        switch (outer.placement, inner.placement) {
        case (.replicated, .replicated) where keepsInner:
            return JoinMotion(
                label: .distAllNone,
                sharing: .perSlice,
                outerOnSliceZero: true,
                innerOnSliceZero: true,
                placement: .single
            )
        case (.single, .replicated) where keepsInner:
            return JoinMotion(
                label: .distAllNone,
                sharing: .perSlice,
                innerOnSliceZero: true,
                placement: .single
            )
        case (_, .replicated) where !keepsInner:
            return JoinMotion(
                label: .distAllNone,
                sharing: .shared,
                placement: shared(kind, outer.placement, keys)
            )
        case (.replicated, _) where !keepsInner:
            return JoinMotion(
                label: .distAllInner,
                sharing: .perSlice,
                innerMotion: inner.placement == .single ? .none : .toSliceZero,
                outerOnSliceZero: true,
                cost: CostModel.bytes(inner) * settings.networkCostBroadcast,
                placement: .single
            )
        default: break
        }
        let candidates = [
            keepsInner ? nil : broadcast(kind, outer, inner, keys),
            canHash ? redistributedInner(kind, outer, inner, keys) : nil,
            canHash ? redistributedOuter(kind, outer, inner, keys) : nil,
            canHash ? redistributedBoth(kind, outer, inner, keys) : nil,
        ].compactMap(\.self)
        let first = candidates[0]
        return candidates.dropFirst().reduce(first) { $1.cost < $0.cost ? $1 : $0 }
    }

    /// The cheapest motion by which every row of the outer meets every inner row of its key on
    /// the slice that alone holds it; nil where that takes a broadcast or an ALL table.
    ///
    /// Right semi and anti joins note matches in the build side, which must not be shared.
    func meetingMotion(
        _ kind: JoinKind,
        _ outer: PhysicalNode,
        _ inner: PhysicalNode,
        _ keys: [JoinKeyPair]
    ) -> JoinMotion? {
        if outer.placement == .single, inner.placement == .single {
            return JoinMotion(label: .distNone, sharing: .perSlice, placement: .single)
        }
        guard !keys.isEmpty, outer.placement != .replicated, inner.placement != .replicated
        else { return nil }
        var best: JoinMotion
        if collocated(kind, outer, inner, keys) != nil {
            best = JoinMotion(
                label: .distNone,
                sharing: .perSlice,
                placement: inner.placement
            )
        } else {
            best = [
                redistributedInner(kind, outer, inner, keys),
                redistributedOuter(kind, outer, inner, keys),
                redistributedBoth(kind, outer, inner, keys),
            ].compactMap(\.self).reduce(redistributedBoth(kind, outer, inner, keys)) {
                $1.cost < $0.cost ? $1 : $0
            }
        }
        if case .hash(let used) = best.innerMotion {
            best.placement = .hashed(used.map { [keys[$0].inner] })
        } else {
            best.placement = inner.placement
        }
        return best
    }

    private var broadcastFactor: Double {
        settings.motionCostLocal ? 1 : settings.networkCostBroadcast
    }
    private var distributeFactor: Double {
        settings.motionCostLocal ? 2 : settings.networkCostDistribute
    }

    private func broadcast(
        _ kind: JoinKind,
        _ outer: PhysicalNode,
        _ inner: PhysicalNode,
        _ keys: [JoinKeyPair]
    ) -> JoinMotion {
        JoinMotion(
            label: .broadcastInner,
            sharing: .shared,
            cost: CostModel.bytes(inner) * broadcastFactor,
            placement: shared(kind, outer.placement, keys)
        )
    }

    private func redistributedInner(
        _ kind: JoinKind,
        _ outer: PhysicalNode,
        _ inner: PhysicalNode,
        _ keys: [JoinKeyPair]
    ) -> JoinMotion? {
        guard let used = keyOrder(of: outer.placement, keys.map(\.outer)) else { return nil }
        return JoinMotion(
            label: .distInner,
            sharing: .perSlice,
            innerMotion: .hash(keys: used),
            cost: CostModel.bytes(inner) * distributeFactor,
            placement: hashed(kind, outer.placement, used, keys)
        )
    }

    private func redistributedOuter(
        _ kind: JoinKind,
        _ outer: PhysicalNode,
        _ inner: PhysicalNode,
        _ keys: [JoinKeyPair]
    ) -> JoinMotion? {
        guard let used = keyOrder(of: inner.placement, keys.map(\.inner)) else { return nil }
        return JoinMotion(
            label: .distOuter,
            sharing: .perSlice,
            outerMotion: .hash(keys: used),
            cost: CostModel.bytes(outer) * distributeFactor,
            placement: hashed(kind, nil, used, keys)
        )
    }

    private func redistributedBoth(
        _ kind: JoinKind,
        _ outer: PhysicalNode,
        _ inner: PhysicalNode,
        _ keys: [JoinKeyPair]
    ) -> JoinMotion {
        let used = Array(keys.indices)
        return JoinMotion(
            label: .distBoth,
            sharing: .perSlice,
            outerMotion: .hash(keys: used),
            innerMotion: .hash(keys: used),
            cost: (CostModel.bytes(outer) + CostModel.bytes(inner)) * distributeFactor,
            placement: hashed(kind, nil, used, keys)
        )
    }

    /// The joined rows' placement where both sides are hashed on the same keys already.
    private func collocated(
        _ kind: JoinKind,
        _ outer: PhysicalNode,
        _ inner: PhysicalNode,
        _ keys: [JoinKeyPair]
    ) -> Placement? {
        guard case .hashed(let outerKeys) = outer.placement,
            case .hashed(let innerKeys) = inner.placement, outerKeys.count == innerKeys.count
        else { return nil }
        var used: [Int] = []
        for (one, other) in zip(outerKeys, innerKeys) {
            let match = keys.indices.first {
                one.contains(keys[$0].outer) && other.contains(keys[$0].inner)
            }
            guard let match else { return nil }
            used.append(match)
        }
        return hashed(kind, outer.placement, used, keys)
    }

    /// For each key of a hash placement the number of the join key that holds it; nil where one
    /// is no join key.
    private func keyOrder(of placement: Placement, _ columns: [ColumnID]) -> [Int]? {
        guard case .hashed(let placementKeys) = placement else { return nil }
        var used: [Int] = []
        for key in placementKeys {
            guard let match = columns.firstIndex(where: key.contains) else { return nil }
            used.append(match)
        }
        return used
    }

    /// The placement after rows were probed where they were.
    private func shared(
        _ kind: JoinKind,
        _ outer: Placement,
        _ keys: [JoinKeyPair]
    ) -> Placement {
        guard kind == .inner, case .hashed(var classes) = outer else { return outer }
        for pair in keys {
            for index in classes.indices where classes[index].contains(pair.outer) {
                classes[index].insert(pair.inner)
            }
        }
        return .hashed(classes)
    }

    /// The placement after a join on hashed sides.
    ///
    /// Unmatched rows of a full or right join have NULL in the columns that say where they are.
    private func hashed(
        _ kind: JoinKind,
        _ outer: Placement?,
        _ used: [Int],
        _ keys: [JoinKeyPair]
    ) -> Placement {
        if kind == .full || kind == .right { return .anywhere }
        if let outer { return shared(kind, outer, keys) }
        return .hashed(
            used.map { kind == .inner ? [keys[$0].outer, keys[$0].inner] : [keys[$0].outer] }
        )
    }
}

/// The placement of rows after a projection or grouping that puts out these columns.
func placement(_ placement: Placement, through items: [NamedExpression]) -> Placement {
    guard case .hashed(let classes) = placement else { return placement }
    var renamed: [Set<ColumnID>] = []
    for key in classes {
        let kept = items.filter { item in
            placementColumn(of: item.expression).map { key.contains($0.id) } ?? false
        }
        if kept.isEmpty { return .anywhere }
        renamed.append(Set(kept.map(\.column.id)))
    }
    return .hashed(renamed)
}
