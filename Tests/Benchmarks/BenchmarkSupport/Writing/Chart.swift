/// Lines over a logarithmic axis of counts, drawn by gnuplot as SVG.
///
/// Text and axes are of a grey that can be read on white and on black; there is no background.
public struct Chart: Sendable {
    /// One line.
    public struct Series: Sendable {
        public var name: String
        /// `#rrggbb`.
        public var colour: String
        /// Whether it is there for comparison only.
        public var isDashed: Bool
        public var points: [Point]

        public init(_ name: String, colour: String, isDashed: Bool = false, points: [Point]) {
            self.name = name
            self.colour = colour
            self.isDashed = isDashed
            self.points = points
        }
    }

    public struct Point: Sendable {
        public var x: Int
        public var y: Double
        /// Where there were several rounds: the lowest and the highest of them.
        public var range: ClosedRange<Double>

        public init(x: Int, y: Double, range: ClosedRange<Double>? = nil) {
            self.x = x
            self.y = y
            self.range = range ?? y...y
        }
    }

    /// The file's name without its ending.
    public var name: String
    public var title: String
    public var xLabel: String
    /// With the unit.
    public var yLabel: String
    /// Whether values differ by orders of magnitude; otherwise the axis begins at 0.
    public var hasLogarithmicValues = false
    public var series: [Series]

    public init(
        _ name: String, title: String, xLabel: String, yLabel: String, hasLogarithmicValues: Bool = false,
        series: [Series]
    ) {
        self.name = name
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.hasLogarithmicValues = hasLogarithmicValues
        self.series = series
    }

    /// What gnuplot is to run; it writes the picture to standard output.
    public var script: String {
        let ticks = Set(series.flatMap { $0.points.map(\.x) }).sorted()
        var lines = [
            "set terminal svg size 760,400 dynamic font 'sans-serif,13' enhanced linewidth 1.5",
            "set encoding utf8",
            "set title \(quoted(title)) textcolor rgb '\(Self.grey)'",
            "set xlabel \(quoted(xLabel)) textcolor rgb '\(Self.grey)'",
            "set ylabel \(quoted(yLabel)) textcolor rgb '\(Self.grey)'",
            "set key outside right textcolor rgb '\(Self.grey)'",
            "set border 3 linecolor rgb '\(Self.grey)'",
            "set tics nomirror textcolor rgb '\(Self.grey)'",
            "set grid ytics linecolor rgb '\(Self.grey)' linewidth 0.3 dashtype 3",
            "set logscale x 10",
            "set xtics (" + ticks.map { "'\(grouped($0))' \($0)" }.joined(separator: ", ") + ")",
            "set xrange [\(Double(ticks.first ?? 1) * 0.7):\(Double(ticks.last ?? 10) * 1.4)]",
            hasLogarithmicValues ? "set logscale y 10" : "set yrange [0:*]",
            "set format y '%.10g'",
        ]
        for (index, one) in series.enumerated() {
            lines.append("$data\(index) << end")
            lines += one.points.map { "\($0.x) \($0.y) \($0.range.lowerBound) \($0.range.upperBound)" }
            lines.append("end")
        }
        let plots = series.enumerated().map { index, one in
            "$data\(index) using 1:2:3:4 with yerrorlines linecolor rgb '\(one.colour)' pointtype \(index + 4) "
                + "pointsize 0.6 dashtype \(one.isDashed ? 2 : 1) title \(quoted(one.name))"
        }
        lines.append("plot " + plots.joined(separator: ", "))
        return lines.joined(separator: "\n") + "\n"
    }

    /// Contrast 4.5 and more to white, 4.4 to black.
    private static let grey = "#757575"

    /// A string in which nothing has a meaning; `enhanced` text would read _ and ^ otherwise.
    private func quoted(_ text: String) -> String {
        "\"" + text.filter { $0 != "\"" && $0 != "\\" && $0 != "\n" } + "\" noenhanced"
    }
}
