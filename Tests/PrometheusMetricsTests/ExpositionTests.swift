import PrometheusMetrics
import Testing

@Suite struct ExpositionTests {
    private static let families: [MetricFamily] = {
        var histogram = Histogram([0.005, 1])
        for value in [0.001, 0.005, 0.5, 2.25] { histogram.observe(value) }
        return [
            MetricFamily(
                MetricDescription("shop_wait_seconds", .histogram([0.005, 1]), unit: .seconds, help: "How long."),
                [.init(["till": "1"], .histogram(histogram))]),
            MetricFamily(
                MetricDescription("shop_sales", .counter, help: "A \"quoted\" \\ and\nanother line"),
                [
                    .init(["what": "tea", "by": "b"], .integer(UInt64.max)),
                    .init(["what": "a \"b\" \\ c\nd", "by": "a"], .integer(1)),
                ]),
            MetricFamily(MetricDescription("shop_build", .info, help: "h"), [.init(["version": "ü"], .integer(1))]),
            MetricFamily(MetricDescription("shop_heat", .gauge, help: "h"), .number(-.infinity)),
            MetricFamily(MetricDescription("shop_empty", .gauge, help: "nothing yet")),
            MetricFamily(MetricDescription("shop_stock_bytes", .counter, unit: .bytes, help: "h"), .number(1e16)),
        ]
    }()

    @Test("Prometheus's text says what its specification says")
    func prometheus() {
        #expect(
            ExpositionFormat.prometheus.text(Self.families) == #"""
                # HELP shop_build_info h
                # TYPE shop_build_info gauge
                shop_build_info{version="ü"} 1
                # HELP shop_empty nothing yet
                # TYPE shop_empty gauge
                # HELP shop_heat h
                # TYPE shop_heat gauge
                shop_heat -Inf
                # HELP shop_sales_total A "quoted" \\ and\nanother line
                # TYPE shop_sales_total counter
                shop_sales_total{by="a",what="a \"b\" \\ c\nd"} 1
                shop_sales_total{by="b",what="tea"} 18446744073709551615
                # HELP shop_stock_bytes_total h
                # TYPE shop_stock_bytes_total counter
                shop_stock_bytes_total 1e+16
                # HELP shop_wait_seconds How long.
                # TYPE shop_wait_seconds histogram
                shop_wait_seconds_bucket{till="1",le="0.005"} 2
                shop_wait_seconds_bucket{till="1",le="1.0"} 3
                shop_wait_seconds_bucket{till="1",le="+Inf"} 4
                shop_wait_seconds_sum{till="1"} 2.756
                shop_wait_seconds_count{till="1"} 4

                """#)
    }

    @Test("OpenMetrics names families, gives units and ends")
    func openMetrics() {
        #expect(
            ExpositionFormat.openMetrics.text(Self.families) == #"""
                # HELP shop_build h
                # TYPE shop_build info
                shop_build_info{version="ü"} 1
                # HELP shop_empty nothing yet
                # TYPE shop_empty gauge
                # HELP shop_heat h
                # TYPE shop_heat gauge
                shop_heat -Inf
                # HELP shop_sales A \"quoted\" \\ and\nanother line
                # TYPE shop_sales counter
                shop_sales_total{by="a",what="a \"b\" \\ c\nd"} 1
                shop_sales_total{by="b",what="tea"} 18446744073709551615
                # HELP shop_stock_bytes h
                # TYPE shop_stock_bytes counter
                # UNIT shop_stock_bytes bytes
                shop_stock_bytes_total 1e+16
                # HELP shop_wait_seconds How long.
                # TYPE shop_wait_seconds histogram
                # UNIT shop_wait_seconds seconds
                shop_wait_seconds_bucket{till="1",le="0.005"} 2
                shop_wait_seconds_bucket{till="1",le="1.0"} 3
                shop_wait_seconds_bucket{till="1",le="+Inf"} 4
                shop_wait_seconds_sum{till="1"} 2.756
                shop_wait_seconds_count{till="1"} 4
                # EOF

                """#)
    }

    @Test("The order does not depend on the order of asking")
    func order() {
        for format in ExpositionFormat.allCases {
            let reversed = Self.families.reversed().map { MetricFamily($0.description, $0.metrics.reversed()) }
            #expect(format.text(reversed) == format.text(Self.families))
        }
    }

    @Test(
        "The format is the one that the request prefers",
        arguments: [
            ("", ExpositionFormat.prometheus), ("*/*", .prometheus), ("text/html, */*;q=0.1", .prometheus),
            ("image/png", .prometheus), ("application/openmetrics-text", .openMetrics),
            ("application/openmetrics-text; version=1.0.0; charset=utf-8", .openMetrics),
            ("application/openmetrics-text;version=2.0.0,text/plain;q=0.1", .prometheus),
            ("application/openmetrics-text;version=0.0.1", .prometheus),
            ("application/openmetrics-text;q=0,text/plain;q=0.1", .prometheus),
            ("Application/OpenMetrics-Text ; Version=1.0.0 ; q=0.2 , text/plain ; q=0.1", .openMetrics),
            ("application/openmetrics-text;q=0.2,text/plain;version=0.0.4;q=0.3", .prometheus),
            ("application/openmetrics-text;q=x", .prometheus),
            // As Prometheus 2.42 and 3 ask.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                .openMetrics
            ),
            (
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,*/*;q=0.2",
                .openMetrics
            ),
        ])
    func negotiation(_ accept: String, _ format: ExpositionFormat) {
        #expect(ExpositionFormat(accept: accept) == format)
    }
}
