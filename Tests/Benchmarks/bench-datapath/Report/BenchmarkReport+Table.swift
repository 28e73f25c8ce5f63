import BenchmarkSupport

/// The report for people.
extension BenchmarkReport {
    var table: String {
        var lines = ["\(machine), \(kernel)", "Nanoseconds per run by the kernel's own count; medians of interleaved rounds."]
        var section = ""
        for row in rows {
            if row.section != section {
                section = row.section
                lines += ["", section]
            }
            let empty = rows.first { $0.section == section && $0.name == "empty program" }
            let ratio = empty.map { fixed(row.sample.median / $0.sample.median, 2) + " × empty" } ?? ""
            lines.append(
                "  " + padded(row.name, 46) + padded(fixed(row.sample.median, 0) + " ns", 10)
                    + padded("\(fixed(row.sample.lowest, 0))–\(fixed(row.sample.highest, 0))", 14)
                    + padded(ratio, 16) + "\(row.sample.runs) runs")
        }
        lines += ["", "Ratios"]
        for ratio in ratios {
            lines.append(
                "  " + padded(ratio.name, 66) + padded(fixed(ratio.value, 2), 8)
                    + "to reach: at most \(fixed(ratio.target, 2))")
        }
        if let plane = controlPlane {
            lines += ["", "Changes to the kernel's tables, beside 100,000 prefixes"]
            lines.append("  " + padded("filling 100,000 prefixes", 46) + "\(fixed(plane.fillMilliseconds, 0)) ms")
            lines.append("  " + padded("one pod's arrival", 46) + line(plane.arrival))
            lines.append("  " + padded("one policy's edit, until in force", 46) + line(plane.edit))
            lines.append("  " + padded("the same, until the old entries are away", 46) + line(plane.clearance))
        }
        return lines.joined(separator: "\n")
    }

    private func line(_ times: ControlPlane.Times) -> String {
        "p50 \(fixed(times.p50, 2)) ms, p99 \(fixed(times.p99, 2)) ms"
    }
}
