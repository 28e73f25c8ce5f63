import BenchmarkSupport
import Testing

struct ChartTests {
    private static let chart = Chart(
        "requests", title: "TCP \"requests\"", xLabel: "CIDRs in the list", yLabel: "1/s",
        series: [
            .init("Sluice", colour: "#1f8fd1", points: [.init(x: 10, y: 5, range: 4...6), .init(x: 100_000, y: 7)]),
            .init("none", colour: "#8a8a8a", isDashed: true, points: [.init(x: 10, y: 8)]),
        ])

    @Test("Axes have labels, ticks where there are points, and begin at zero")
    func axes() {
        let lines = Self.chart.script.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("set xlabel \"CIDRs in the list\"") })
        #expect(lines.contains { $0.hasPrefix("set ylabel \"1/s\"") })
        #expect(lines.contains("set xtics ('10' 10, '100,000' 100000)"))
        #expect(lines.contains("set yrange [0:*]"))
    }

    @Test("Each line has its points with the lowest and the highest round, its colour and its name")
    func series() throws {
        let script = Self.chart.script
        #expect(script.contains("$data0 << end\n10 5.0 4.0 6.0\n100000 7.0 7.0 7.0\nend\n"))
        #expect(script.contains("$data1 << end\n10 8.0 8.0 8.0\nend\n"))
        let plot = try #require(script.split(separator: "\n").last { $0.hasPrefix("plot ") })
        let parts = plot.split(separator: ", ")
        #expect(parts.count == 2)
        #expect(parts[0].contains("rgb '#1f8fd1'") && parts[0].contains("dashtype 1 title \"Sluice\""))
        #expect(parts[1].contains("dashtype 2 title \"none\""))
    }

    @Test("A title cannot become a command")
    func quoting() {
        #expect(Self.chart.script.contains("set title \"TCP requests\" noenhanced"))
    }

    @Test("Values of different magnitudes have a logarithmic axis")
    func logarithms() {
        var chart = Self.chart
        chart.hasLogarithmicValues = true
        #expect(chart.script.contains("set logscale y 10"))
        #expect(!chart.script.contains("set yrange"))
    }
}
