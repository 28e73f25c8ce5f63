import BenchmarkSupport

/// Everything that a run found out.
struct BenchmarkReport: Encodable {
    struct Row: Encodable {
        var section: String
        var name: String
        var sample: Sample
    }

    struct Ratio: Encodable {
        var name: String
        var value: Double
        var target: Double
    }

    var machine = Machine.processors
    var kernel = Machine.kernel
    var rows: [Row] = []
    var ratios: [Ratio] = []
    var controlPlane: ControlPlane?

    subscript(section: String, name: String) -> Double {
        rows.first { $0.section == section && $0.name == name }?.sample.median ?? .nan
    }
}
