import Agent
import Testing

@Suite struct TokenBucketTests {
    let start = ContinuousClock.now

    @Test("so many at once, then one per interval, never more than the capacity")
    func rate() {
        var bucket = TokenBucket(capacity: 3, interval: .seconds(10), at: start)
        func taken(_ seconds: Double) -> Int {
            var count = 0
            while bucket.consume(at: start + .seconds(seconds)) { count += 1 }
            return count
        }
        #expect(taken(0) == 3)
        #expect(taken(9.9) == 0)
        #expect(taken(10) == 1)
        #expect(taken(19.9) == 0, "what was earned is not earned twice")
        #expect(taken(35) == 2)
        #expect(taken(39.9) == 0 && taken(40) == 1, "halves are kept")
        #expect(taken(1e9) == 3)
        #expect(taken(0) == 0, "a clock that steps back gives nothing")
    }
}
