extension ExpositionFormat {
    /// The families as text: by name, and each one's metrics by their labels.
    public func text(_ families: [MetricFamily]) -> String {
        var text = ""
        for family in families.sorted(by: { $0.description.name < $1.description.name }) {
            write(family.description, to: &text)
            for metric in family.metrics.sorted(by: { $0.labels < $1.labels }) {
                write(metric, of: family.description, to: &text)
            }
        }
        if self == .openMetrics { text += "# EOF\n" }
        return text
    }

    private func write(_ description: MetricDescription, to text: inout String) {
        let name = metadataName(description)
        text += "# HELP \(name) \(escaped(help: description.help))\n"
        text += "# TYPE \(name) \(typeWord(description.kind))\n"
        if self == .openMetrics, let unit = description.unit {
            text += "# UNIT \(name) \(unit.rawValue)\n"
        }
    }

    /// Prometheus's format describes samples, OpenMetrics the family.
    private func metadataName(_ description: MetricDescription) -> String {
        self == .openMetrics ? description.name : description.queryName
    }

    /// Prometheus's format has no word for info.
    private func typeWord(_ kind: MetricDescription.Kind) -> String {
        self == .prometheus && kind == .info ? "gauge" : kind.word
    }

    private func write(
        _ metric: MetricFamily.Metric, of description: MetricDescription, to text: inout String
    ) {
        let name = description.queryName
        let labels = metric.labels.all.map { "\($0.name)=\"\(escaped(labelValue: $0.value))\"" }
        switch metric.value {
        case .integer(let value): write(name, labels, "\(value)", to: &text)
        case .number(let value): write(name, labels, NumberText.of(value), to: &text)
        case .histogram(let histogram):
            for (bound, count) in histogram.cumulated {
                write("\(name)_bucket", labels + ["le=\"\(NumberText.of(bound))\""], "\(count)", to: &text)
            }
            write("\(name)_sum", labels, NumberText.of(histogram.sum), to: &text)
            write("\(name)_count", labels, "\(histogram.count)", to: &text)
        }
    }

    private func write(_ name: String, _ labels: [String], _ value: String, to text: inout String) {
        text += name
        if !labels.isEmpty {
            text += "{"
            text += labels.joined(separator: ",")
            text += "}"
        }
        text += " "
        text += value
        text += "\n"
    }

    /// OpenMetrics escapes quotes in help, Prometheus's format does not know that.
    private func escaped(help: String) -> String {
        self == .openMetrics ? escaped(labelValue: help) : Self.escape(help, quotes: false)
    }

    private func escaped(labelValue: String) -> String { Self.escape(labelValue, quotes: true) }

    private static func escape(_ text: String, quotes: Bool) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\"")
        }
        if isPlain { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
