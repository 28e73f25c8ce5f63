import BenchmarkSupport
import Testing

struct ToolOutputTests {
    private static let sockperf = """
        sockperf: [Total Run] RunTime=1.001 sec; Warm up time=400 msec; SentMessages=14858; ReceivedMessages=14857
        sockperf: [Valid Duration] RunTime=0.550 sec; SentMessages=8472; ReceivedMessages=8470
        sockperf: ---> percentile 99.900 =  148.830
        sockperf: ---> percentile 99.000 =  103.393
        sockperf: ---> percentile 50.000 =   61.260
        """

    @Test("Of sockperf's report the valid duration counts, and two percentiles")
    func readsSockperf() throws {
        let output = try #require(SockperfOutput(Self.sockperf))
        #expect(output.rate == 8470 / 0.55)
        #expect(output.median == 61.26)
        #expect(output.tail == 103.393)
    }

    @Test("A report without one of these lines is none", arguments: ["Valid", "99.000", "50.000"])
    func refusesHalfReports(word: String) {
        let rest = Self.sockperf.split(separator: "\n").filter { !$0.contains(word) }.joined(separator: "\n")
        #expect(SockperfOutput(rest) == nil)
    }

    @Test("A report of nothing received is none")
    func refusesSilence() {
        let silent = Self.sockperf.replacing("ReceivedMessages=8470", with: "ReceivedMessages=0")
        #expect(SockperfOutput(silent) == nil)
    }

    private static let log = SockperfLog(
        """
        ------------------------------
        sockperf: [Valid Duration] RunTime=0.901 sec; SentMessages=5; ReceivedMessages=5
        packet, txTime(sec), rxTime(sec), rtt(usec)
        0, 5963.900000000, 5963.900080000, 80.000
        1, 5963.950000000, 5963.950100000, 100.000
        2, 5963.999900000, 5964.000000000, 100.000
        3, 5964.009000000, 5964.009060000, 60.000
        4, 5964.100000000, 5964.100080000, 80.000
        ------------------------------
        """)

    @Test("sockperf's log tells of any stretch of time: what was answered in it, and how fast")
    func readsSockperfsLog() throws {
        let figures = try #require(Self.log.figures(from: 5963.95, to: 5964.05))
        #expect(abs(figures.rate - 30) < 1e-6)
        #expect(abs(figures.median - 100) < 1e-3)
        #expect(abs(figures.tail - 100) < 1e-3)
    }

    @Test(
        "Where nothing was answered, or the log does not reach, there is no figure",
        arguments: [
            (5964.02, 5964.09), (5963.8, 5964.05), (5964, 5964.2),
        ])
    func refusesStretches(begin: Double, end: Double) {
        #expect(Self.log.figures(from: begin, to: end) == nil)
        #expect(SockperfLog("no log").figures(from: begin, to: end) == nil)
    }

    @Test("iperf3's receiver tells of datagrams sent and arrived")
    func readsDatagrams() throws {
        let output = try IperfOutput(
            json: """
                {"start": {}, "end": {"sum": {"seconds": 9}, "sum_received": {"seconds": 2.0, "bits_per_second": 8e9,
                "packets": 1000, "lost_packets": 400, "lost_percent": 40.0, "sender": false}}}
                """)
        let rates = try #require(output.datagrams)
        #expect(rates.sent == 500)
        #expect(rates.delivered == 300)
        #expect(output.throughput == 8)
    }

    @Test("TCP has no datagrams, and a run that failed has nothing but its reason")
    func readsTheRest() throws {
        let stream = try IperfOutput(json: #"{"end": {"sum_received": {"seconds": 1, "bits_per_second": 1e9}}}"#)
        #expect(stream.datagrams == nil)
        #expect(stream.throughput == 1)
        let failed = try IperfOutput(json: #"{"end": {}, "error": "the server is busy"}"#)
        #expect(failed.error == "the server is busy")
        #expect(failed.throughput == nil)
        #expect(failed.whole == nil)
        #expect(stream.whole != nil)
    }
}
