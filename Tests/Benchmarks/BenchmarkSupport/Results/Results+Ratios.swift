extension Results {
    /// The numbers to reach that concern changes: of the largest cluster, and the memory of a small one.
    static func ratios(
        _ clusters: [ClusterReport], _ small: ClusterReport, _ compiles: [CompileReport]
    ) -> [Ratio] {
        guard let largest = clusters.last else { return [] }
        func beside(_ pods: Int) -> String { "\(grouped(pods)) pods" }
        var ratios = largest.changes.map {
            Ratio("\($0.name), p99, \(beside(largest.pods))", $0.p99, .below, 10, unit: "ms")
        }
        if let compile = compiles.last {
            ratios.append(
                Ratio("first full compile, \(beside(compile.pods))", compile.compile, .below, 5, unit: "s"))
        }
        ratios.append(
            Ratio("resident memory, \(beside(largest.pods))", largest.memory, .below, 250, unit: "MiB", places: 0))
        ratios.append(
            Ratio(
                "resident memory, \(beside(small.pods)), \(small.localPods) of them here", small.memory, .below, 40,
                unit: "MiB", places: 0))
        return ratios
    }
}
