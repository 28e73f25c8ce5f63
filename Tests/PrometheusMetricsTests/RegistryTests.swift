import CoreMetrics
import PrometheusMetrics
import Testing

@Suite struct RegistryTests {
    let registry = MetricRegistry([
        MetricDescription("calls", .counter, help: "Calls."),
        MetricDescription("pause_seconds", .histogram([0.1, 1]), unit: .seconds, help: "Pauses."),
    ])

    private var text: String {
        ExpositionFormat.prometheus.text(registry.families()).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }.joined(separator: "\n")
    }

    @Test("Everything that swift-metrics makes is told")
    func kinds() {
        Counter(label: "calls_total", dimensions: [("by", "a")], factory: registry).increment(by: 3)
        Counter(label: "calls", dimensions: [("by", "a")], factory: registry).increment()
        FloatingPointCounter(label: "weight", factory: registry).increment(by: 0.5)
        Gauge(label: "level", factory: registry).record(7)
        let meter = Meter(label: "depth.of-it", factory: registry)
        meter.increment(by: 4)
        meter.decrement(by: 1.5)
        #expect(
            text == """
                calls_total{by="a"} 4
                depth_of_it 2.5
                level 7.0
                weight_total 0.5
                """)
    }

    @Test("A timer is a histogram in seconds, with the buckets chosen for its name")
    func timers() {
        for label in ["pause", "pause_seconds"] {
            Timer(label: label, factory: registry).recordMilliseconds(250)
        }
        #expect(
            text == """
                pause_seconds_bucket{le="0.1"} 0
                pause_seconds_bucket{le="1.0"} 2
                pause_seconds_bucket{le="+Inf"} 2
                pause_seconds_sum 0.5
                pause_seconds_count 2
                """)
        #expect(registry.families().first?.description.help == "Pauses.")
    }

    @Test("A recorder that aggregates is a histogram")
    func recorders() {
        let recorder = Recorder(label: "size", factory: registry)
        recorder.record(0.001)
        recorder.record(Double.nan)
        #expect(text.hasSuffix("size_sum 0.001\nsize_count 1") && text.contains("size_bucket{le=\"0.001\"} 1\n"))
    }

    @Test("What is destroyed is told no more")
    func destroyed() {
        let counter = Counter(label: "calls", dimensions: [("by", "a")], factory: registry)
        counter.increment()
        let other = Counter(label: "calls", dimensions: [("by", "b")], factory: registry)
        other.increment(by: 2)
        counter.destroy()
        #expect(text == "calls_total{by=\"b\"} 2")
        Counter(label: "calls", dimensions: [("by", "a")], factory: registry).increment(by: 5)
        #expect(text == "calls_total{by=\"a\"} 5\ncalls_total{by=\"b\"} 2")
    }

    @Test("A name keeps its kind")
    func oneKind() {
        Counter(label: "calls", factory: registry).increment()
        Gauge(label: "calls", factory: registry).record(9)
        Gauge(label: "pause_seconds", factory: registry).record(9)
        #expect(text == "calls_total 1")
    }

    @Test("A counter never falls")
    func negative() {
        let counter = Counter(label: "calls", factory: registry)
        counter.increment(by: 5)
        counter.increment(by: -3)
        #expect(text == "calls_total 5")
        counter.reset()
        #expect(text == "calls_total 0")
    }

    @Test("Collectors are asked each time, and one family may come from several")
    func collectors() {
        let heat = MetricDescription("heat", .gauge, help: "h")
        registry.collect { [MetricFamily(heat, [.init(["at": "b"], .integer(2))])] }
        registry.collect { [MetricFamily(heat, [.init(["at": "a"], .integer(1))])] }
        #expect(text == "heat{at=\"a\"} 1\nheat{at=\"b\"} 2")
        #expect(registry.families().count == 1)
    }

    @Test("Labels that cannot be are made so that they can")
    func labels() {
        Counter(label: "calls", dimensions: [("1 x", "v"), ("a.b", "1"), ("a.b", "2")], factory: registry).increment()
        #expect(text == "calls_total{_1_x=\"v\",a_b=\"2\"} 1")
    }

    @Test("Counting on many threads loses nothing")
    func threads() async {
        let counter = Counter(label: "calls", factory: registry)
        let timer = Timer(label: "pause", factory: registry)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        counter.increment()
                        timer.recordSeconds(1)
                    }
                }
            }
        }
        #expect(
            text.hasPrefix("calls_total 8000\n") && text.hasSuffix("pause_seconds_sum 8000.0\npause_seconds_count 8000")
        )
    }
}
